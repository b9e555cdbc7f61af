import type { Batch } from '../../../engine/data/batches/batch.ts';
import { noisyBatch, type NoisyPicture } from '../../../engine/objectives/diffusion/noisy-batch.ts';
import { createRandom } from '../../../engine/random.ts';
import { countedLength } from '../../../engine/train/settings/run-length.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { RunBatches } from '../run-batches.ts';
import { runSeeds } from '../run-seeds.ts';
import { captionInStep } from './captions.ts';
import { chancesOf, trainedTimesteps, type Chances } from './chances.ts';
import { countPlanned } from './count-planned.ts';
import { plainView, type DiffusionData, type DiffusionMakers, type SizedPicture } from './diffusion-data.ts';
import type { View } from './latents.ts';
import { bucketOf, heldOutBatches, plainlyNoisy } from './held-out-draws.ts';
import { noisyPicture } from './noisy-picture.ts';
import { plannedFrom, seeingAt, type OrderOptions, type Seeing } from './order.ts';

type Run = Pick<RunSpecification, 'training' | 'seed'>;

const occurrencesOf = (pictures: readonly SizedPicture[]): readonly SizedPicture[] =>
  pictures.flatMap((picture) => Array.from({ length: picture.repeats }, () => picture));

/** Batches of latents with noise in them, each of pictures of one size. */
export const diffusionBatches = (run: Run, data: DiffusionData, makers: DiffusionMakers): RunBatches => {
  const { training, seed } = run;
  const { settings } = data;
  const { batchSize, gradientAccumulation, epochs } = training;
  const seeds = runSeeds(seed);
  const { model } = makers;
  const occurrences = occurrencesOf(data.train);
  const order: OrderOptions<SizedPicture> = { occurrences, bucketOf, batchSize, seed: seeds.data, epochs };
  const ofPrior = occurrencesOf(data.prior);

  const chances = (seeing: Seeing<SizedPicture>): Chances =>
    seeing.entry.prior
      ? chancesOf(seeing, {
          seed: seeds.classChances,
          occurrences: ofPrior.length,
          timesteps: model.timesteps,
          settings,
        })
      : chancesOf(seeing, {
          seed: seeds.chances,
          occurrences: occurrences.length,
          timesteps: model.timesteps,
          settings,
        });

  const inStep = async (seeing: Seeing<SizedPicture>, view: View): Promise<NoisyPicture> => {
    const { entry } = seeing;
    const chance = chances(seeing);
    const encoded = await makers.latents(view);
    const area = encoded.height * encoded.width;
    const conditions = await makers.conditions(captionInStep(entry, settings, chance), encoded);
    return noisyPicture(encoded, conditions, model, {
      timestep: chance.timestep(),
      noise: chance.noise(model.channels, area),
      posterior: chance.posterior(model.channels * area),
      minSnrGamma: settings.minSnrGamma,
      weight: entry.prior ? (settings.prior?.weight ?? 1) : 1,
      counts: !entry.prior,
    });
  };

  /** As many of the class as of the subject, in the size of these. */
  const besides = (seeings: readonly Seeing<SizedPicture>[], before: number): Seeing<SizedPicture>[] => {
    if (ofPrior.length === 0) return [];
    const { width, height } = seeings[0]!.entry;
    return seeings.map((_, at) => {
      const seeing = seeingAt(ofPrior, seeds.classOrder, before + at);
      return { ...seeing, entry: { ...seeing.entry, width, height } };
    });
  };

  const assembled = async (seeings: readonly Seeing<SizedPicture>[]): Promise<Batch> => {
    const pictures: NoisyPicture[] = [];
    for (const seeing of seeings) pictures.push(await inStep(seeing, makers.viewOf(seeing.entry, seeing)));
    return noisyBatch(model, pictures);
  };

  return {
    countSteps: () =>
      countPlanned(countedLength(training), {
        order,
        gradientAccumulation,
        placesOf: ({ width, height }) =>
          ((width * height) / model.latent.pixels ** 2) * (ofPrior.length === 0 ? 1 : 2),
      }),
    stream: (state) => {
      const plans = plannedFrom(order, state);
      let after = state ?? { seed: seeds.data, examples: occurrences.length, epoch: 0, row: 0 };
      return {
        take: async (count) => {
          const batches: Batch[] = [];
          while (batches.length < count) {
            const planned = plans.next();
            if (planned.done === true) break;
            const { seeings, before } = planned.value;
            batches.push(await assembled([...seeings, ...besides(seeings, before)]));
            after = planned.value.after;
          }
          return batches;
        },
        state: () => after,
        close: makers.release,
      };
    },
    calibration: (count) => calibrationBatches(count, run, data, makers, order),
    heldOut: () => heldOutBatches(training, data, makers),
  };
};

/**
 * Training pictures as they are, in an order of their own, at timesteps spread over all that are trained: what layers see differs more by the noise
 * than by the picture.
 */
const calibrationBatches = async (
  count: number,
  { training: { batchSize }, seed }: Run,
  { settings }: DiffusionData,
  makers: DiffusionMakers,
  order: OrderOptions<SizedPicture>,
): Promise<Batch[]> => {
  const { model } = makers;
  const { initialisation } = runSeeds(seed);
  const pictures = count * batchSize;
  const { from, to } = trainedTimesteps(settings, model.timesteps);
  const parts = createRandom(initialisation, 1).shuffle(Array.from({ length: pictures }, (_, part) => part));
  const batches: Batch[] = [];
  for (const { seeings, before } of plannedFrom(
    { ...order, seed: initialisation, epochs: undefined },
    undefined,
  )) {
    if (batches.length === count) break;
    const noisy: NoisyPicture[] = [];
    for (const [at, { entry, ...seeing }] of seeings.entries()) {
      const encoded = await makers.latents(plainView(entry));
      const area = encoded.height * encoded.width;
      const chance = chancesOf(seeing, {
        seed: initialisation,
        occurrences: order.occurrences.length,
        timesteps: model.timesteps,
        settings,
      });
      const part = (parts[before + at]! + 0.5) / pictures;
      noisy.push(
        await plainlyNoisy(entry, encoded, makers, settings, {
          timestep: from + Math.floor(part * (to - from)),
          noise: chance.noise(model.channels, area),
        }),
      );
    }
    batches.push(noisyBatch(model, noisy));
  }
  await makers.release();
  return batches;
};
