import type { BatchStreamState } from '../../../engine/data/batches/batches.ts';
import {
  createEntryLoader,
  createPictureLoader,
  examplesOf,
  sequentialPictures,
  type OrderOptions,
} from '../../../engine/data/pictures/loading/picture-loader.ts';
import type { PictureEntry } from '../../../engine/data/pictures/sets/picture-set.ts';
import type { PictureView } from '../../../engine/data/pictures/views/picture-view.ts';
import type { Variation } from '../../../engine/data/pictures/views/random-view.ts';
import type { PictureExample } from '../../../engine/objectives/pictures/picture-objective.ts';

type WithPicture<Entry> = Entry & PictureExample;

interface Loading<Entry extends PictureEntry> {
  readonly next: () => Promise<readonly WithPicture<Entry>[] | null>;
  readonly state: () => BatchStreamState;
  readonly close: () => Promise<void>;
}

/** Where a run has the pictures of its entries from. */
export interface PictureSource {
  /** Batches for training; null after the last. */
  readonly load: <Entry extends PictureEntry>(
    options: OrderOptions<Entry> & { readonly variation: Variation | null },
  ) => Loading<Entry>;
  /** Each once, as the model itself sees them. */
  readonly inOrder: <Entry extends PictureEntry>(
    options: Pick<OrderOptions<Entry>, 'entries' | 'batchSize'>,
  ) => AsyncIterable<readonly WithPicture<Entry>[]>;
}

export interface PictureFiles {
  /** That the names of pictures are within. */
  readonly folder: string;
  readonly view: PictureView;
}

/** Pictures that are decoded, again in each epoch. */
export const decodedPictures = (files: PictureFiles): PictureSource => {
  const seen = { ...files, orientation: 'as-stored' } as const;
  return {
    load: (options) => {
      const loader = createPictureLoader({ ...seen, ...options });
      return {
        next: async () => {
          const batch = await loader.next();
          return batch && examplesOf(batch);
        },
        state: loader.state,
        close: loader.close,
      };
    },
    async *inOrder(options) {
      for await (const batch of sequentialPictures({ ...seen, ...options })) yield examplesOf(batch);
    },
  };
};

/** What a frozen tower made of pictures, by their names: the same in every epoch. */
export const embeddedPictures = (embeddings: ReadonlyMap<string, Float32Array>): PictureSource => {
  const known = <Entry extends PictureEntry>(entries: readonly Entry[]): WithPicture<Entry>[] =>
    entries.map((entry) => ({ ...entry, picture: () => embeddings.get(entry.name)! }));
  return {
    load: (options) => {
      const loader = createEntryLoader(options);
      return {
        next: () => {
          const entries = loader.next();
          return Promise.resolve(entries && known(entries));
        },
        state: loader.state,
        close: () => Promise.resolve(),
      };
    },
    async *inOrder({ entries, batchSize }) {
      for (let from = 0; from < entries.length; from += batchSize)
        yield await Promise.resolve(known(entries.slice(from, from + batchSize)));
    },
  };
};
