import type { Batch } from '../../../engine/data/batches/batch.ts';
import type { Batching } from '../../../engine/data/batches/batching.ts';
import {
  createPictureLoader,
  examplesOf,
  sequentialPictures,
  type LoaderOptions,
  type PictureBatch,
} from '../../../engine/data/pictures/loading/picture-loader.ts';
import type { LabelledPicture } from '../../../engine/data/pictures/sets/picture-set.ts';
import type { PictureView } from '../../../engine/data/pictures/views/picture-view.ts';
import { clipLoraVariation } from '../../../engine/data/pictures/views/random-view.ts';
import type { ClassPicture } from '../../../engine/objectives/class-prompts.ts';
import { countSteps } from '../../../engine/train/settings/count-steps.ts';
import { countedLength } from '../../../engine/train/settings/run-length.ts';
import type { PictureSettings } from '../../../engine/train/settings/picture-settings.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { RunBatches } from '../run-batches.ts';
import { runSeeds } from '../run-seeds.ts';
import type { ChosenPictures } from './choose-pictures.ts';
import { spread } from './spread.ts';

export interface PictureData extends Pick<ChosenPictures, 'train' | 'heldOut'> {
  /** That the names of pictures are within. */
  readonly folder: string;
  readonly view: PictureView;
  readonly settings: Pick<PictureSettings, 'views' | 'epochEnd'>;
}

/** Batches of pictures, decoded while the model computes. Calibration and measuring see them as the model itself does. */
export const pictureBatches = (
  { training, seed }: Pick<RunSpecification, 'training' | 'seed'>,
  { folder, train, heldOut, view, settings }: PictureData,
  batching: Batching<ClassPicture>,
): RunBatches => {
  const { batchSize, gradientAccumulation, epochs, evaluationBatches } = training;
  const { data, initialisation } = runSeeds(seed);
  const seen = { folder, view, orientation: 'as-stored', batchSize } as const;
  const assemble = (pictures: PictureBatch<LabelledPicture>): Batch =>
    batching.assemble(batching.formRows(examplesOf(pictures)));
  const loaderOf = (
    options: Pick<LoaderOptions<LabelledPicture>, 'variation' | 'seed' | 'epochs' | 'state'>,
  ) => createPictureLoader({ ...seen, entries: train, epochEnd: settings.epochEnd, ...options });
  const take = async (loader: ReturnType<typeof loaderOf>, count: number): Promise<Batch[]> => {
    const batches: Batch[] = [];
    while (batches.length < count) {
      const pictures = await loader.next();
      if (pictures === null) break;
      batches.push(assemble(pictures));
    }
    return batches;
  };
  return {
    // A picture's values are not looked at to count.
    countSteps: () =>
      countSteps(countedLength(training), {
        examples: train.map(({ label }): ClassPicture => ({ label, picture: () => new Float32Array() })),
        batching,
        seed: data,
        rowsPerStep: batchSize * gradientAccumulation,
      }),
    stream: (state) => {
      const loader = loaderOf({
        variation: settings.views === 'random' ? clipLoraVariation : null,
        seed: data,
        ...(epochs !== undefined && { epochs }),
        ...(state && { state }),
      });
      return { take: (count) => take(loader, count), state: loader.state, close: loader.close };
    },
    calibration: async (count) => {
      const loader = loaderOf({ variation: null, seed: initialisation });
      try {
        return await take(loader, count);
      } finally {
        await loader.close();
      }
    },
    heldOut: () => {
      const entries = spread(heldOut, (evaluationBatches ?? Infinity) * batchSize);
      return {
        count: Math.ceil(entries.length / batchSize),
        batches: assembled(sequentialPictures({ ...seen, entries }), assemble),
      };
    },
  };
};

async function* assembled(
  pictures: AsyncIterable<PictureBatch<LabelledPicture>>,
  assemble: (pictures: PictureBatch<LabelledPicture>) => Batch,
): AsyncGenerator<Batch, void, undefined> {
  for await (const batch of pictures) yield assemble(batch);
}
