import { invalidInput } from '../../../engine/errors.ts';
import type { EncodedView, LatentFiles } from './latent-files.ts';

/** How a picture is seen: scaled to cover a size, cut to it, mirrored or not. */
export interface View {
  readonly name: string;
  /** Of what is seen, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Where it is cut, 0 to 1 of what there is to choose; null in the middle. */
  readonly across: number | null;
  readonly down: number | null;
  readonly mirrored: boolean;
}

/** A view's pixels: 3 x height x width in [-1, 1]. */
export interface SeenView {
  readonly pixels: Float32Array;
  readonly sizes: readonly number[];
}

export interface LatentSources {
  readonly see: (view: View) => Promise<SeenView>;
  /** What stands for the picture's file: its hash. */
  readonly hashOf: (name: string) => Promise<string>;
  /** Of one picture: (2 channels x height x width) of the latent. */
  readonly encode: (seen: SeenView, view: View) => Promise<Pick<EncodedView, 'moments' | 'height' | 'width'>>;
  /** Null where nothing is kept for later runs. */
  readonly files: LatentFiles | null;
  /** Of everything besides the picture and its view that latents depend on: the VAE, how pictures are decoded. */
  readonly dependsOn: readonly unknown[];
}

/** Latents of a run: each view is encoded once, here or by an earlier run. */
export interface Latents {
  readonly of: (view: View) => Promise<EncodedView>;
  /** How many were made by this run, and how many found. */
  readonly counts: () => { readonly made: number; readonly found: number };
}

/** What is held in memory; beyond it the files are read again, and where there are none the picture is encoded again. */
const mostNumbers = 2 ** 26;

const isOfMiddle = ({ across, down }: View): boolean => across === null && down === null;

const viewKey = (view: View): string => JSON.stringify(partsOf(view));

const partsOf = ({ name, width, height, across, down, mirrored }: View): readonly unknown[] => [
  name,
  width,
  height,
  across,
  down,
  mirrored,
];

/** @throws WorkbenchError naming a picture that can't be read, or of which the VAE makes no numbers */
export const openLatents = ({ see, hashOf, encode, files, dependsOn }: LatentSources): Latents => {
  const held = new Map<string, EncodedView>();
  let numbers = 0;
  let made = 0;
  let found = 0;

  const hold = (key: string, view: EncodedView): EncodedView => {
    held.set(key, view);
    numbers += view.moments.length;
    for (const [oldest, { moments }] of held) {
      if (numbers <= mostNumbers || oldest === key) break;
      held.delete(oldest);
      numbers -= moments.length;
    }
    return view;
  };

  const encoded = async (view: View): Promise<EncodedView> => {
    const seen = await see(view);
    const latent = await encode(seen, view);
    if (!latent.moments.every(Number.isFinite))
      throw invalidInput(
        `${view.name}: the model's VAE makes no finite numbers of it; its weights overflow or are damaged: take another VAE`,
      );
    made += 1;
    return { ...latent, sizes: seen.sizes };
  };

  const make = async (view: View): Promise<EncodedView> => {
    // A place that chance chose does not come again.
    if (files === null || !isOfMiddle(view)) return encoded(view);
    const [, ...size] = partsOf(view);
    const parts = [...dependsOn, await hashOf(view.name), ...size];
    const kept = files.read(parts);
    if (kept !== undefined) {
      found += 1;
      return kept;
    }
    const fresh = await encoded(view);
    files.write(parts, fresh);
    return fresh;
  };

  return {
    of: async (view) => {
      const key = viewKey(view);
      return held.get(key) ?? hold(key, await make(view));
    },
    counts: () => ({ made, found }),
  };
};
