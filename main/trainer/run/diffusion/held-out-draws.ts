import { hash } from 'node:crypto';
import type { Batch } from '../../../engine/data/batches/batch.ts';
import { gaussianNoise } from '../../../engine/diffusion/gaussian.ts';
import { noisyBatch, type NoisyPicture } from '../../../engine/objectives/diffusion/noisy-batch.ts';
import { createRandom } from '../../../engine/random.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import { spread } from '../pictures/spread.ts';
import type { RunBatches } from '../run-batches.ts';
import { captionOf } from './captions.ts';
import { plainView, type DiffusionData, type DiffusionMakers, type SizedPicture } from './diffusion-data.ts';
import type { EncodedView } from './latent-files.ts';
import { noisyPicture, type Noising } from './noisy-picture.ts';

/** One of the times that a held-out picture is measured. */
export interface HeldOutDraw {
  readonly picture: SizedPicture;
  readonly timestep: number;
  /** For its noise. */
  readonly stream: number;
}

/** Pictures of one can stand in a batch. */
export const bucketOf = ({ width, height }: Pick<SizedPicture, 'width' | 'height'>): string =>
  `${width} x ${height}`;

/** A picture's draws: at timesteps spread over the whole schedule, by its name alone. */
export const heldOutDraws = (
  picture: SizedPicture,
  draws: number,
  timesteps: number,
): readonly HeldOutDraw[] => {
  const key = Number.parseInt(hash('sha256', picture.name).slice(0, 10), 16);
  return Array.from({ length: draws }, (_, draw) => {
    const stream = key * 1024 + draw;
    const within = createRandom(0, stream).uniform();
    return { picture, timestep: Math.floor(((draw + within) / draws) * timesteps), stream };
  });
};

/** Batches of draws, each of one size. */
export const batchesOfDraws = <Draw extends Pick<HeldOutDraw, 'picture'>>(
  draws: readonly Draw[],
  batchSize: number,
): Draw[][] =>
  [...Map.groupBy(draws, ({ picture }) => bucketOf(picture)).values()].flatMap((ofBucket) =>
    Array.from({ length: Math.ceil(ofBucket.length / batchSize) }, (_, at) =>
      ofBucket.slice(at * batchSize, (at + 1) * batchSize),
    ),
  );

/** As it is measured: the middle of the posterior, its own caption, no weight. */
export const plainlyNoisy = async (
  picture: SizedPicture,
  encoded: EncodedView,
  { model, conditions }: Pick<DiffusionMakers, 'model' | 'conditions'>,
  settings: Pick<DiffusionSettings, 'prompt' | 'trigger' | 'prior'>,
  noising: Pick<Noising, 'timestep' | 'noise'>,
): Promise<NoisyPicture> =>
  noisyPicture(encoded, await conditions(captionOf(picture, settings), encoded), model, {
    ...noising,
    posterior: null,
    minSnrGamma: null,
    weight: 1,
    counts: true,
  });

/** The same numbers whoever asks: nothing of them depends on a run. */
export const batchOfDraws = async (
  draws: readonly HeldOutDraw[],
  settings: Pick<DiffusionSettings, 'prompt' | 'trigger' | 'prior'>,
  makers: Pick<DiffusionMakers, 'model' | 'conditions' | 'latents'>,
): Promise<Batch> => {
  const { model } = makers;
  const noisy: NoisyPicture[] = [];
  for (const { picture, timestep, stream } of draws) {
    const encoded = await makers.latents(plainView(picture));
    const noise = gaussianNoise(model.channels * encoded.height * encoded.width, { seed: 0, stream });
    noisy.push(await plainlyNoisy(picture, encoded, makers, settings, { timestep, noise }));
  }
  return noisyBatch(model, noisy);
};

/** What a run is measured on: the same for every arm, seed and step, so that what differs is the model. */
export const heldOutBatches = (
  { batchSize, evaluationBatches }: Pick<RunSpecification['training'], 'batchSize' | 'evaluationBatches'>,
  { heldOut, settings }: Pick<DiffusionData, 'heldOut' | 'settings'>,
  makers: DiffusionMakers,
): ReturnType<RunBatches['heldOut']> => {
  const { timesteps } = makers.model;
  const all = heldOut.flatMap((picture) => heldOutDraws(picture, settings.heldOutDraws, timesteps));
  const measured = spread(all, (evaluationBatches ?? Infinity) * batchSize);
  const batches = batchesOfDraws(measured, batchSize);
  const made = async function* (): AsyncGenerator<Batch, void, undefined> {
    for (const draws of batches) yield await batchOfDraws(draws, settings, makers);
  };
  return { count: batches.length, batches: made() };
};
