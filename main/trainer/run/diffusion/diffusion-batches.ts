import { hash } from 'node:crypto';
import type { Batch } from '../../../engine/data/batches/batch.ts';
import { gaussianNoise } from '../../../engine/diffusion/gaussian.ts';
import {
  noisyBatch,
  type BatchedModel,
  type ConditionRow,
  type NoisyPicture,
} from '../../../engine/objectives/diffusion/noisy-batch.ts';
import { createRandom } from '../../../engine/random.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import { countedLength } from '../../../engine/train/settings/run-length.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import { spread } from '../pictures/spread.ts';
import type { RunBatches } from '../run-batches.ts';
import { runSeeds } from '../run-seeds.ts';
import { captionInStep, captionOf, type Captioned } from './captions.ts';
import { chancesOf, trainedTimesteps, type Chances } from './chances.ts';
import { countPlanned } from './count-planned.ts';
import type { EncodedView } from './latent-files.ts';
import type { View } from './latents.ts';
import { noisyPicture, type NoisyModel, type Noising } from './noisy-picture.ts';
import { plannedFrom, seeingAt, type OrderOptions, type Seeing } from './order.ts';

/** A picture with the size that it is seen in. */
export interface SizedPicture extends Captioned {
  readonly repeats: number;
  /** Of what is seen, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface DiffusionData {
  readonly train: readonly SizedPicture[];
  /** Of the class, beside those; none where the run has no prior. */
  readonly prior: readonly SizedPicture[];
  /** What the run is measured on. */
  readonly heldOut: readonly SizedPicture[];
  readonly settings: DiffusionSettings;
}

/** What batches are made with. */
export interface DiffusionMakers {
  readonly model: NoisyModel & BatchedModel;
  readonly latents: (view: View) => Promise<EncodedView>;
  /** Where a picture is cut in a seeing, and whether it is mirrored. */
  readonly viewOf: (picture: SizedPicture, seeing: Pick<Seeing<unknown>, 'epoch' | 'place'>) => View;
  readonly conditions: (text: string, view: EncodedView) => Promise<Readonly<Record<string, ConditionRow>>>;
  /** Gives back what the makers hold open. */
  readonly release: () => Promise<void>;
}

type Run = Pick<RunSpecification, 'training' | 'seed'>;

/** Of the middle, as it is: what is measured and calibrated on. */
export const plainView = ({ name, width, height }: SizedPicture): View => ({
  name,
  width,
  height,
  across: null,
  down: null,
  mirrored: false,
});

const occurrencesOf = (pictures: readonly SizedPicture[]): readonly SizedPicture[] =>
  pictures.flatMap((picture) => Array.from({ length: picture.repeats }, () => picture));

const bucketOf = ({ width, height }: SizedPicture): string => `${width} x ${height}`;

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
    heldOut: () => heldOutBatches(run, data, makers),
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

/** As it is measured: the middle of the posterior, its own caption, no weight. */
const plainlyNoisy = async (
  picture: SizedPicture,
  encoded: EncodedView,
  { model, conditions }: DiffusionMakers,
  settings: DiffusionSettings,
  noising: Pick<Noising, 'timestep' | 'noise'>,
): Promise<NoisyPicture> =>
  noisyPicture(encoded, await conditions(captionOf(picture, settings), encoded), model, {
    ...noising,
    posterior: null,
    minSnrGamma: null,
    weight: 1,
    counts: true,
  });

/** One of the times that a held-out picture is measured. */
interface HeldOutDraw {
  readonly picture: SizedPicture;
  readonly timestep: number;
  /** For its noise. */
  readonly stream: number;
}

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

/** The same numbers for every arm, seed and step, so that what differs is the model. */
const heldOutBatches = (
  { training: { batchSize, evaluationBatches } }: Run,
  { heldOut, settings }: DiffusionData,
  makers: DiffusionMakers,
): ReturnType<RunBatches['heldOut']> => {
  const { model } = makers;
  const all = heldOut.flatMap((picture) => heldOutDraws(picture, settings.heldOutDraws, model.timesteps));
  const measured = spread(all, (evaluationBatches ?? Infinity) * batchSize);
  const batches = [...Map.groupBy(measured, ({ picture }) => bucketOf(picture)).values()].flatMap((draws) =>
    Array.from({ length: Math.ceil(draws.length / batchSize) }, (_, at) =>
      draws.slice(at * batchSize, (at + 1) * batchSize),
    ),
  );
  const make = async ({ picture, timestep, stream }: HeldOutDraw): Promise<NoisyPicture> => {
    const encoded = await makers.latents(plainView(picture));
    const noise = gaussianNoise(model.channels * encoded.height * encoded.width, { seed: 0, stream });
    return plainlyNoisy(picture, encoded, makers, settings, { timestep, noise });
  };
  const made = async function* (): AsyncGenerator<Batch, void, undefined> {
    for (const draws of batches) {
      const noisy: NoisyPicture[] = [];
      for (const draw of draws) noisy.push(await make(draw));
      yield noisyBatch(model, noisy);
    }
  };
  return { count: batches.length, batches: made() };
};
