import type { Batch } from '../../../engine/data/batches/batch.ts';
import type { Batching } from '../../../engine/data/batches/batching.ts';
import {
  createPictureLoader,
  examplesOf,
  sequentialPictures,
  type LoaderOptions,
  type PictureBatch,
} from '../../../engine/data/pictures/loading/picture-loader.ts';
import type { PictureEntry } from '../../../engine/data/pictures/sets/picture-set.ts';
import type { PictureView } from '../../../engine/data/pictures/views/picture-view.ts';
import type { Variation } from '../../../engine/data/pictures/views/random-view.ts';
import type { PictureExample } from '../../../engine/objectives/pictures/picture-objective.ts';
import { countSteps } from '../../../engine/train/settings/count-steps.ts';
import { countedLength } from '../../../engine/train/settings/run-length.ts';
import type { PictureSettings } from '../../../engine/train/settings/picture-settings.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { RunBatches } from '../run-batches.ts';
import { runSeeds } from '../run-seeds.ts';
import { spread } from './spread.ts';

export interface PictureData<Entry extends PictureEntry> {
  readonly train: readonly Entry[];
  /** What the run is measured on. */
  readonly heldOut: readonly Entry[];
  /** That the names of pictures are within. */
  readonly folder: string;
  readonly view: PictureView;
  /** What training sees where views are random. */
  readonly variation: Variation;
  readonly settings: Pick<PictureSettings, 'views' | 'epochEnd'>;
}

/** Batches of pictures, decoded while the model computes. Calibration and measuring see them as the model itself does. */
export const pictureBatches = <
  Example extends PictureExample,
  Entry extends PictureEntry & Omit<Example, 'picture'>,
>(
  { training, seed }: Pick<RunSpecification, 'training' | 'seed'>,
  { folder, train, heldOut, view, variation, settings }: PictureData<Entry>,
  batching: Batching<Example>,
): RunBatches => {
  const { batchSize, gradientAccumulation, epochs, evaluationBatches } = training;
  const { data, initialisation } = runSeeds(seed);
  const seen = { folder, view, orientation: 'as-stored', batchSize } as const;
  const assemble = (pictures: PictureBatch<Entry>): Batch =>
    batching.assemble(batching.formRows(withPictures<Example>(examplesOf(pictures))));
  const loaderOf = (options: Pick<LoaderOptions<Entry>, 'variation' | 'seed' | 'epochs' | 'state'>) =>
    createPictureLoader({ ...seen, entries: train, epochEnd: settings.epochEnd, ...options });
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
        examples: withPictures<Example>(
          train.map((entry) => ({ ...entry, picture: () => new Float32Array() })),
        ),
        batching,
        seed: data,
        rowsPerStep: batchSize * gradientAccumulation,
      }),
    stream: (state) => {
      const loader = loaderOf({
        variation: settings.views === 'random' ? variation : null,
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

async function* assembled<Entry extends PictureEntry>(
  pictures: AsyncIterable<PictureBatch<Entry>>,
  assemble: (pictures: PictureBatch<Entry>) => Batch,
): AsyncGenerator<Batch, void, undefined> {
  for await (const batch of pictures) yield assemble(batch);
}

/** An entry has all of an example but the picture, which TypeScript doesn't see of types that are open. */
const withPictures = <Example extends PictureExample>(
  examples: readonly (PictureEntry & PictureExample)[],
): readonly Example[] => examples as readonly PictureExample[] as readonly Example[];
