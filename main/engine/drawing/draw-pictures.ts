import type { Picture } from '../data/pictures/picture.ts';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { createSampler } from '../diffusion/samplers/samplers.ts';
import { WorkbenchError } from '../errors.ts';
import type { Feed } from '../runtime/session.ts';
import { denoise } from './denoise.ts';
import { isGuided, latentSize, type DrawSettings } from '../diffusion/draw-settings.ts';
import type { DrawingModel, DrawingPart, OpenPart } from './drawing-model.ts';
import { pixelsToPicture } from './pixels-to-picture.ts';
import { requireFinite } from './require-finite.ts';
import {
  conditionOf,
  encodePieces,
  encodeTexts,
  piecesOf,
  textsOf,
  zerosLike,
  type PieceStates,
  type TextCondition,
} from './text-conditions.ts';

/** A picture that is wanted of every arm. */
export interface WantedPicture {
  readonly prompt: string;
  readonly seed: number;
}

export interface DrawOptions {
  readonly model: DrawingModel;
  /** Of each text encoder. */
  readonly tokenizers: readonly Tokenizer[];
  /** How many arms the model has. */
  readonly arms: number;
  readonly wanted: readonly WantedPicture[];
  readonly settings: DrawSettings;
  /** Steps of all pictures of all arms, decoding each as one more. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

export interface DrawnPictures {
  /** By arm, then by what was wanted. */
  readonly pictures: readonly (readonly Picture[])[];
  readonly notices: readonly string[];
}

/** Latents of pictures as a person sees none: by arm, then by what was wanted (channels x rows x columns each). */
export interface DrawnLatents {
  readonly latents: readonly (readonly Float32Array[])[];
  readonly notices: readonly string[];
}

/** The size of pictures: what is asked for, or the model's own. */
export const pictureSize = (
  { usualSide }: Pick<DrawingModel, 'usualSide'>,
  { width, height }: Pick<DrawSettings, 'width' | 'height'>,
): { readonly width: number; readonly height: number } => ({
  width: width ?? usualSide,
  height: height ?? usualSide,
});

const using = async <Result>(
  part: Promise<OpenPart>,
  use: (part: OpenPart) => Promise<Result>,
): Promise<Result> => {
  const open = await part;
  try {
    return await use(open);
  } finally {
    await open.release();
  }
};

/** Computes something of a part of each arm, once for arms that have the same. */
const eachOnce = async <Result>(
  { key }: Pick<DrawingModel, 'key'>,
  arms: number,
  part: DrawingPart,
  compute: (arm: number) => Promise<Result>,
): Promise<Result[]> => {
  const known = new Map<string, Result>();
  const results: Result[] = [];
  for (let arm = 0; arm < arms; arm++) {
    const name = key(arm, part);
    if (!known.has(name)) known.set(name, await compute(arm));
    results.push(known.get(name)!);
  }
  return results;
};

const stacked = (parts: readonly Float32Array[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** How often the denoiser is asked for a picture: once a step, or once more. @throws as createSampler does */
const timesAsked = ({ schedule }: Pick<DrawingModel, 'schedule'>, settings: DrawSettings): number =>
  createSampler(schedule, { ...settings, name: settings.sampler }, () => new Float32Array()).timesteps.length;

/** Draws latents: texts first, then arm by arm, each part's session after the other's, so that one is in memory at a time. */
export const drawLatents = async (options: DrawOptions): Promise<DrawnLatents> => {
  const { model, tokenizers, arms, wanted, settings, onProgress, signal } = options;
  const size = pictureSize(model, settings);
  const { rows, columns } = latentSize(model.latent, size);
  const { channels } = model.latent;
  const places = rows * columns;
  // What can't be walked is refused before anything is computed.
  const asked = timesAsked(model, settings);
  const texts = textsOf(
    model,
    wanted.map(({ prompt }) => prompt),
    settings,
  );
  const encoded = encodeTexts(model, tokenizers, texts, settings.longPrompts);
  const states: PieceStates[][] = Array.from({ length: arms }, () => []);
  for (const encoder of model.texts.keys()) {
    const ofArms = await eachOnce(model, arms, encoder, (arm) =>
      using(model.open(arm, encoder, places), (part) => encodePieces(part, encoded.chunks[encoder]!)),
    );
    ofArms.forEach((one, arm) => states[arm]!.push(one));
  }

  const conditionsOf = (arm: number, prompt: string): TextCondition[] => {
    const negative = settings.negative ?? '';
    const isZeros = settings.negative === null && model.zerosWithoutText;
    const together = isGuided(settings) && !isZeros ? [negative, prompt] : [prompt];
    const pieces = piecesOf(encoded, together);
    const made = together.map((text) => conditionOf(model, encoded, states[arm]!, text, pieces));
    return isGuided(settings) && isZeros ? [zerosLike(made[0]!), ...made] : made;
  };

  const feedsOf = (conditions: readonly TextCondition[], latents: Float32Array, timestep: number) => {
    const images = conditions.length;
    const times = model.times(conditions.map(() => timestep));
    const { tokens, states: first } = conditions[0]!;
    const feeds: Record<string, Feed> = {
      latents: { shape: [images, channels, rows, columns], data: stacked(conditions.map(() => latents)) },
      times: { shape: [images, times.length / images], data: times },
      text_states: {
        shape: [images, tokens, first.length / tokens],
        data: stacked(conditions.map((one) => one.states)),
      },
    };
    if (model.added === null) return feeds;
    const { added } = model;
    const data = stacked(conditions.map(({ pooled }) => added(pooled!, size)));
    return { ...feeds, added: { shape: [images, data.length / images], data } };
  };

  const length = channels * rows * columns;
  const total = arms * wanted.length * (asked + 1);
  let done = 0;
  const onStep = (): void => onProgress(++done, total);
  // Arms whose denoiser is the same still may have other text encoders, so each is drawn.
  const latents: Float32Array[][] = [];
  for (let arm = 0; arm < arms; arm++) {
    const ofArm = await using(model.open(arm, 'denoiser', places), async (part) => {
      const drawn: Float32Array[] = [];
      for (const { prompt, seed } of wanted) {
        const conditions = conditionsOf(arm, prompt);
        drawn.push(
          await denoise({
            schedule: model.schedule,
            settings,
            seed,
            length,
            predict: async (seen, timestep) => {
              const { prediction } = await part.run(feedsOf(conditions, seen, timestep));
              const data = prediction!.data as Float32Array;
              return conditions.map((_, image) => data.slice(image * length, (image + 1) * length));
            },
            blame: (seen, timestep) => part.blame(feedsOf(conditions, seen, timestep)),
            onStep,
            signal,
          }),
        );
      }
      return drawn;
    });
    latents.push(ofArm);
  }
  return { latents, notices: encoded.notices };
};

/** What latents show. The decoder is the base's own for every arm, and computes in float32 whatever its files hold. */
export const decodeLatents = (
  { model, settings, onProgress, signal }: Pick<DrawOptions, 'model' | 'settings' | 'onProgress' | 'signal'>,
  latents: readonly (readonly Float32Array[])[],
): Promise<Picture[][]> => {
  const { width, height } = pictureSize(model, settings);
  const { rows, columns } = latentSize(model.latent, { width, height });
  return using(model.open(0, 'decoder', rows * columns), async (part) => {
    const count = latents.flat().length;
    const asked = timesAsked(model, settings);
    const total = count * (asked + 1);
    let done = count * asked;
    const pictures: Picture[][] = [];
    for (const ofArm of latents) {
      const drawn: Picture[] = [];
      for (const one of ofArm) {
        if (signal.aborted) throw new WorkbenchError('conflict', 'stopped before it was drawn');
        const feeds = {
          latents: {
            shape: [1, model.latent.channels, rows, columns],
            data: one.map((value) => value / model.scalingFactor),
          },
        };
        const { pixels } = await part.run(feeds);
        const data = pixels!.data as Float32Array;
        await requireFinite([data], 'decoding latents', () => part.blame(feeds));
        drawn.push(pixelsToPicture(data, width, height));
        onProgress(++done, total);
      }
      pictures.push(drawn);
    }
    return pictures;
  });
};

/**
 * Draws what is wanted with every arm, from the same noise.
 * @throws invalid-input for a size or steps that the model can't have, conflict where it was stopped, unsupported for numbers that aren't finite
 */
export const drawPictures = async (options: DrawOptions): Promise<DrawnPictures> => {
  const { latents, notices } = await drawLatents(options);
  return { pictures: await decodeLatents(options, latents), notices };
};
