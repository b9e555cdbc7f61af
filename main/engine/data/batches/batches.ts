import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { Batch } from './batch.ts';
import { rowsOfEpoch, type Batching } from './batching.ts';

export interface BatchOptions<Example, B extends Batch> {
  readonly examples: readonly Example[];
  /** How many rows a batch has, at most. */
  readonly batchSize: number;
  readonly batching: Batching<Example, B>;
}

/** Where a batch stream stands; plain JSON. */
export interface BatchStreamState {
  readonly seed: number;
  readonly examples: number;
  /** Whole passes over the data before the next row. */
  readonly epoch: number;
  /** Rows of this epoch already given. */
  readonly row: number;
}

export interface BatchStream<B extends Batch = Batch> {
  /**
   * The next batch. It goes on into the next epoch where one ends, so every batch has batchSize rows but the last of a stream with an
   * end. Asking beyond that is a defect.
   */
  next(): B;
  /** The next batches, `count` of them; fewer where the stream ends. */
  take(count: number): B[];
  state(): BatchStreamState;
  /** Rows in the epoch that the next row belongs to (packing can change it a little between epochs). */
  rowsPerEpoch(): number;
}

/**
 * Training batches, epoch after epoch: each holds every example once, in an order of its own that depends on the seed and the epoch's
 * number alone, so the state is two counters and resuming from it is exact. Nothing is dropped or given twice at an epoch's end: the
 * rows that do not fill a batch share it with the first rows of the next epoch, and after the last epoch they are a smaller one.
 * @param options.epochs how many there are; absent, the stream is endless
 * @param options.state a state() from an earlier stream over the same examples and seed
 */
export const createBatchStream = <Example, B extends Batch>(
  options: BatchOptions<Example, B> & {
    readonly seed: number;
    readonly epochs?: number | undefined;
    readonly state?: BatchStreamState;
  },
): BatchStream<B> => {
  checkOptions(options);
  const { examples, batchSize, batching, seed, epochs = Infinity, state } = options;
  if (state !== undefined && (state.seed !== seed || state.examples !== examples.length)) {
    throw new WorkbenchError(
      'conflict',
      `the checkpoint's data position was saved with ${state.examples} examples and seed ${state.seed}, now there are ${examples.length} and seed ${seed}`,
    );
  }

  let epoch = state?.epoch ?? 0;
  let rows = rowsOfEpoch(batching, examples, seed, epoch);
  let position = state?.row ?? 0;

  const hasEnded = (): boolean => position === rows.length && epoch + 1 >= epochs;
  const nextRow = (): readonly Example[] => {
    if (position === rows.length) {
      epoch += 1;
      position = 0;
      rows = rowsOfEpoch(batching, examples, seed, epoch);
    }
    return rows[position++]!;
  };
  const next = (): B => {
    if (hasEnded()) throw new RangeError(`the last of ${epochs} epochs has ended`);
    const taken: (readonly Example[])[] = [];
    while (taken.length < batchSize && !hasEnded()) taken.push(nextRow());
    return batching.assemble(taken);
  };

  return {
    next,
    take: (count) => {
      const batches: B[] = [];
      while (batches.length < count && !hasEnded()) batches.push(next());
      return batches;
    },
    state: () => ({ seed, examples: examples.length, epoch, row: position }),
    rowsPerEpoch: () => rows.length,
  };
};

/** All examples once, in order, for evaluation; the last batch may have fewer rows. */
export function* sequentialBatches<Example, B extends Batch>(
  options: BatchOptions<Example, B>,
): Generator<B, void, undefined> {
  checkOptions(options);
  const { examples, batchSize, batching } = options;
  const rows = batching.formRows(examples);
  for (let start = 0; start < rows.length; start += batchSize)
    yield batching.assemble(rows.slice(start, start + batchSize));
}

const checkOptions = <Example, B extends Batch>({
  examples,
  batchSize,
  batching,
}: BatchOptions<Example, B>): void => {
  if (examples.length === 0) throw invalidInput('there are no examples to make batches of');
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw invalidInput(`batch size: ${batchSize} is not a whole number of at least 1`);
  batching.check(examples);
};
