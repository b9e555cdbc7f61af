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

/** Where a run has the pictures of its entries from. */
export interface PictureSource<Entry extends PictureEntry> {
  /** Batches for training; null after the last. */
  readonly load: (options: OrderOptions<Entry> & { readonly variation: Variation | null }) => {
    readonly next: () => Promise<readonly WithPicture<Entry>[] | null>;
    readonly state: () => BatchStreamState;
    readonly close: () => Promise<void>;
  };
  /** Each once, as the model itself sees them. */
  readonly inOrder: (
    options: Pick<OrderOptions<Entry>, 'entries' | 'batchSize'>,
  ) => AsyncIterable<readonly WithPicture<Entry>[]> | Iterable<readonly WithPicture<Entry>[]>;
}

export interface PictureFiles {
  /** That the names of pictures are within. */
  readonly folder: string;
  readonly view: PictureView;
}

/** Pictures that are decoded, again in each epoch. */
export const decodedPictures = <Entry extends PictureEntry>(files: PictureFiles): PictureSource<Entry> => {
  const seen = { ...files, orientation: 'as-stored' } as const;
  return {
    load: (options) => {
      const loader = createPictureLoader({ ...seen, ...options });
      const next = async (): Promise<readonly WithPicture<Entry>[] | null> => {
        const batch = await loader.next();
        return batch && examplesOf(batch);
      };
      return { next, state: loader.state, close: loader.close };
    },
    async *inOrder(options) {
      for await (const batch of sequentialPictures<Entry>({ ...seen, ...options })) yield examplesOf(batch);
    },
  };
};

/** What a frozen tower made of pictures, by their names: the same in every epoch. */
export const embeddedPictures = <Entry extends PictureEntry>(
  embeddings: ReadonlyMap<string, Float32Array>,
): PictureSource<Entry> => {
  const known = (entries: readonly Entry[]): WithPicture<Entry>[] =>
    entries.map((entry) => ({ ...entry, picture: () => embeddings.get(entry.name)! }));
  return {
    load: (options) => {
      const loader = createEntryLoader(options);
      const next = (): Promise<WithPicture<Entry>[] | null> => {
        const entries = loader.next();
        return Promise.resolve(entries && known(entries));
      };
      return { next, state: loader.state, close: () => Promise.resolve() };
    },
    *inOrder({ entries, batchSize }) {
      for (let from = 0; from < entries.length; from += batchSize)
        yield known(entries.slice(from, from + batchSize));
    },
  };
};
