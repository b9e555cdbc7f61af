import { invalidInput, WorkbenchError } from '../../../errors.ts';
import type { BatchStreamState } from '../../batches/batches.ts';
import { rowsOfEpoch } from '../../batches/batching.ts';
import type { Orientation } from '../decode/decoding.ts';
import { createPictureReader, type PictureReader, type ReaderLimits } from '../decode/picture-reader.ts';
import { pathOf, type PictureEntry } from '../sets/picture-set.ts';
import { sizeOfView, type PictureView } from '../views/picture-view.ts';
import { seeVaried, type Variation } from '../views/random-view.ts';
import { seePicture, writePixels } from '../views/see-picture.ts';

export interface PictureBatch<Entry extends PictureEntry> {
  readonly entries: readonly Entry[];
  /** entries x 3 x height x width, as the model's graph takes them. */
  readonly pixels: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The pictures of a batch one by one, as objectives take examples: each with its 3 x height x width values, and what the set says of it. */
export const examplesOf = <Entry extends PictureEntry>({
  entries,
  pixels,
  width,
  height,
}: PictureBatch<Entry>): (Entry & { readonly picture: () => Float32Array })[] => {
  const values = 3 * width * height;
  return entries.map((entry, at) => ({
    ...entry,
    picture: () => pixels.subarray(at * values, (at + 1) * values),
  }));
};

export interface PicturesOptions<Entry extends PictureEntry> {
  /** That the names of entries are within. */
  readonly folder: string;
  readonly entries: readonly Entry[];
  readonly view: PictureView;
  readonly orientation: Orientation;
  readonly batchSize: number;
  /** Batches that are prepared before they are asked for; each takes batchSize x 12 bytes x pixels of the view. */
  readonly ahead?: number;
  readonly limits?: ReaderLimits;
}

/** Which entries make a batch. */
export interface OrderOptions<Entry extends PictureEntry> extends Pick<
  PicturesOptions<Entry>,
  'entries' | 'batchSize'
> {
  readonly seed: number;
  /** Endless when absent. */
  readonly epochs?: number;
  /**
   * What becomes of the pictures that don't fill a batch: they share one with the next epoch, as everywhere here, or are a small one by themselves, as
   * in the published few-shot code.
   */
  readonly epochEnd: 'runs-on' | 'small-batch';
  /** Of an earlier loader of the same entries and seed: goes on from there, bit for bit. */
  readonly state?: BatchStreamState;
}

export interface LoaderOptions<Entry extends PictureEntry>
  extends PicturesOptions<Entry>, OrderOptions<Entry> {
  /** Null: every epoch sees the same. */
  readonly variation: Variation | null;
}

export interface PictureLoader<Entry extends PictureEntry> {
  /** The next batch; null after the last epoch. @throws WorkbenchError naming a picture that can't be read; so does every later call */
  next(): Promise<PictureBatch<Entry> | null>;
  /** Behind the last batch that was given; what is prepared does not count. */
  state(): BatchStreamState;
  /** Begins no further picture, and waits for those that are being decoded. */
  close(): Promise<void>;
}

/**
 * Batches of pictures for training, decoded side by side while the model computes. Order and crops depend on the seed, the epoch and a picture's place
 * among the entries alone, not on when it was decoded.
 */
export const createPictureLoader = <Entry extends PictureEntry>(
  options: LoaderOptions<Entry>,
): PictureLoader<Entry> => {
  const { view, variation, seed } = options;
  checkOptions(options);
  let given = startOf(options);
  const rows = prepareAhead(options, plannedBatches(options, given), (picture, { epoch, index }) =>
    variation === null
      ? seePicture(picture, view)
      : seeVaried(picture, view, variation, { seed, epoch, index }),
  );
  return {
    next: async () => {
      const batch = await rows.next();
      if (batch === null) return null;
      given = batch.plan.after;
      return batch.pictures;
    },
    state: () => given,
    close: () => rows.close(),
  };
};

/** The same batches of entries alone, for those that know what is made of their pictures. */
export const createEntryLoader = <Entry extends PictureEntry>(
  options: OrderOptions<Entry>,
): { readonly next: () => readonly Entry[] | null; readonly state: () => BatchStreamState } => {
  checkOptions(options);
  let given = startOf(options);
  const plans = plannedBatches(options, given);
  return {
    next: () => {
      const planned = plans.next();
      if (planned.done === true) return null;
      given = planned.value.after;
      return planned.value.rows.map(({ index }) => options.entries[index]!);
    },
    state: () => given,
  };
};

/** Every picture once, in order, as the model sees it when nothing is left to chance; the last batch may be smaller. */
export async function* sequentialPictures<Entry extends PictureEntry>(
  options: PicturesOptions<Entry>,
): AsyncGenerator<PictureBatch<Entry>, void, undefined> {
  checkOptions(options);
  const { entries, batchSize, view } = options;
  const plans = Array.from({ length: Math.ceil(entries.length / batchSize) }, (_, batch) => ({
    rows: entries
      .slice(batch * batchSize, (batch + 1) * batchSize)
      .map((_, row) => ({ index: batch * batchSize + row, epoch: 0 })),
  }));
  const batches = prepareAhead(options, plans.values(), (picture) => seePicture(picture, view));
  try {
    for (let batch = await batches.next(); batch !== null; batch = await batches.next()) yield batch.pictures;
  } finally {
    await batches.close();
  }
}

/** Where a loader begins. @throws WorkbenchError for a state of other entries */
const startOf = ({ entries, seed, state }: OrderOptions<PictureEntry>): BatchStreamState => {
  if (state !== undefined && (state.seed !== seed || state.examples !== entries.length))
    throw new WorkbenchError(
      'conflict',
      `the checkpoint's place in the pictures was saved with ${state.examples} of them and seed ${state.seed}, now there are ${entries.length} and seed ${seed}`,
    );
  return state ?? { seed, examples: entries.length, epoch: 0, row: 0 };
};

const checkOptions = ({
  entries,
  batchSize,
  ahead = 0,
}: Pick<PicturesOptions<PictureEntry>, 'entries' | 'batchSize' | 'ahead'>): void => {
  if (entries.length === 0) throw invalidInput('there are no pictures to make batches of');
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw invalidInput(`batch size: ${batchSize} is not a whole number of at least 1`);
  if (!Number.isInteger(ahead) || ahead < 0)
    throw invalidInput(`batches ahead: ${ahead} is not a whole number of at least 0`);
};

interface PlannedRow {
  readonly index: number;
  readonly epoch: number;
}

interface Plan {
  readonly rows: readonly PlannedRow[];
}

interface TrainingPlan extends Plan {
  readonly after: BatchStreamState;
}

const eachAlone = { formRows: (ordered: readonly number[]) => ordered.map((row) => [row]) };

/** Which pictures each batch has, from a state on. */
function* plannedBatches<Entry extends PictureEntry>(
  { entries, batchSize, seed, epochs = Infinity, epochEnd }: OrderOptions<Entry>,
  state: BatchStreamState,
): Generator<TrainingPlan, void, undefined> {
  const indices = entries.map((_, index) => index);
  let { epoch, row } = state;
  let order = rowsOfEpoch(eachAlone, indices, seed, epoch);
  for (;;) {
    const rows: PlannedRow[] = [];
    while (rows.length < batchSize) {
      if (row === order.length) {
        if (epoch + 1 >= epochs || (epochEnd === 'small-batch' && rows.length > 0)) break;
        epoch += 1;
        row = 0;
        order = rowsOfEpoch(eachAlone, indices, seed, epoch);
      }
      rows.push({ index: order[row++]![0]!, epoch });
    }
    if (rows.length === 0) return;
    yield { rows, after: { seed, examples: entries.length, epoch, row } };
  }
}

type See = (picture: Parameters<typeof seePicture>[0], row: PlannedRow) => ReturnType<typeof seePicture>;

/** Decodes the pictures of planned batches, some batches ahead of what is asked for. One batch is asked for at a time. */
const prepareAhead = <Entry extends PictureEntry, Planned extends Plan>(
  options: PicturesOptions<Entry>,
  plans: Iterator<Planned>,
  see: See,
) => {
  const { ahead = 2, limits } = options;
  const read = createPictureReader(limits);
  const prepared: { plan: Planned; pictures: Promise<PictureBatch<Entry>> }[] = [];
  let isClosed = false;
  let hasFailed = false;
  const refuseClosed = (): void => {
    if (isClosed) throw new Error('the loader was closed');
  };
  const prepare = (most: number): void => {
    while (prepared.length < most && !hasFailed) {
      const planned = plans.next();
      if (planned.done === true) return;
      const plan = planned.value;
      const pictures = assemble(options, plan, read, see, refuseClosed);
      pictures.catch(() => (hasFailed = true)); // told when the batch is asked for; those before it are given
      prepared.push({ plan, pictures });
    }
  };
  return {
    next: async (): Promise<{ plan: Planned; pictures: PictureBatch<Entry> } | null> => {
      refuseClosed();
      prepare(1 + ahead);
      const [first] = prepared;
      if (first === undefined) return null;
      const pictures = await first.pictures; // stays the first where it fails, so that it fails again
      prepared.shift();
      prepare(ahead);
      return { plan: first.plan, pictures };
    },
    close: async (): Promise<void> => {
      isClosed = true;
      await Promise.allSettled(prepared.map(({ pictures }) => pictures));
    },
  };
};

const assemble = async <Entry extends PictureEntry>(
  { folder, entries, view, orientation }: PicturesOptions<Entry>,
  { rows }: Plan,
  read: PictureReader,
  see: See,
  refuseClosed: () => void,
): Promise<PictureBatch<Entry>> => {
  const { width, height } = sizeOfView(view);
  const values = 3 * width * height;
  const pixels = new Float32Array(rows.length * values);
  const locate = ({ index }: PlannedRow) => {
    refuseClosed();
    return pathOf({ folder }, entries[index]!);
  };
  const done = await Promise.allSettled(
    rows.map((row, at) =>
      read(
        () => locate(row),
        { orientation },
        (picture) => writePixels(see(picture, row), view, pixels, at * values),
      ),
    ),
  );
  const failed = done.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason as Error;
  return { entries: rows.map(({ index }) => entries[index]!), pixels, width, height };
};
