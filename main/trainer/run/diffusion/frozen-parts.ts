import { createGraphBuilder } from '../../../engine/graph/create-graph-builder.ts';
import { diffusionOf, onlyTexts, vaeEncoder } from '../../../engine/models/diffusion-model.ts';
import { buildForward, type Model } from '../../../engine/models/model.ts';
import type { DeviceName } from '../../../engine/runtime/device-names.ts';
import { createSession, type Session } from '../../../engine/runtime/session.ts';
import type { Tensor } from '../../../engine/tensor.ts';
import type { EncodedView } from './latent-files.ts';
import type { SeenView, View } from './latents.ts';

interface PartOptions {
  readonly threads: number | null;
  readonly device: DeviceName;
}

/** What a text encoder makes of a text: its tokens' states (positions x width), and of some one vector of the whole text. */
export interface EncodedText {
  readonly states: Float32Array;
  readonly pooled: Float32Array | null;
}

/** Parts of a model that no adapter changes: compiled when they are first asked, and again after they were given back. */
export interface FrozenParts {
  /** Latents of a view, by the VAE. In float32 whatever its files hold: those of 16 bits overflow. */
  readonly encodeView: (
    seen: SeenView,
    view: View,
  ) => Promise<Pick<EncodedView, 'moments' | 'height' | 'width'>>;
  /** @param encoder its place among the model's @param ids as many as the encoder has positions */
  readonly encodeText: (encoder: number, ids: readonly number[]) => Promise<EncodedText>;
  readonly release: () => Promise<void>;
}

export const createFrozenParts = (
  model: Model,
  { threads, device }: PartOptions,
  /** Of the largest latent. */
  places: number,
): FrozenParts => {
  const { latent, texts, positions } = diffusionOf(model.architecture);
  const open = new Map<string, Promise<Session>>();
  const run = async (
    name: string,
    part: () => Model,
    most: number,
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Float32Array> => {
    const session = open.get(name) ?? compile(part(), most, { threads, device });
    open.set(name, session);
    const { hidden } = await (await session).run(feeds);
    return hidden!.data as Float32Array;
  };
  return {
    encodeView: async ({ pixels }, { width, height }) => {
      const moments = await run('vae', () => vaeEncoder(model), places, {
        pixels: { shape: [1, 3, height, width], data: pixels },
      });
      return { moments: moments.slice(), height: height / latent.pixels, width: width / latent.pixels };
    },
    encodeText: async (at, ids) => {
      const encoder = texts[at]!;
      const row = await run(encoder.module, () => onlyTexts(model, at), positions, {
        [encoder.input]: { shape: [1, positions], data: BigInt64Array.from(ids, BigInt) },
        ...(encoder.pooledWidth !== null && { text_ends: endOf(ids, encoder.endOf(ids)) }),
      });
      const length = positions * encoder.width;
      return {
        states: row.slice(0, length),
        pooled: encoder.pooledWidth === null ? null : row.slice(length),
      };
    },
    release: async () => {
      const sessions = [...open.values()];
      open.clear();
      for (const session of sessions) await (await session).release();
    },
  };
};

/** 1 at the place of the token that stands for a text. */
export const endOf = ({ length }: readonly number[], end: number): Tensor => ({
  shape: [1, length],
  data: Float32Array.from({ length }, (_, at) => Number(at === end)),
});

const compile = (part: Model, positions: number, options: PartOptions): Promise<Session> => {
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, part, { positions });
  return createSession(g.build({ hidden }), options);
};
