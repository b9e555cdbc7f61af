import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { Example } from '../examples/examples.ts';
import { formRows, rowsOfEpoch, tokensOf, type Row, type RowOptions } from './rows.ts';

/**
 * One batch for a model. The five (batch x sequence) arrays are flattened row-major.
 * Padding stands on the right: it goes on with the position ids and the segment id of the last example of its row, so that a pad
 * query attends, as in transformers, causally to real keys.
 */
export interface Batch {
  readonly inputIds: BigInt64Array;
  /** 1 where the key is real, 0 for padding. */
  readonly attentionMask: BigInt64Array;
  /** Restarts at 0 with each segment. */
  readonly positionIds: BigInt64Array;
  /** Which example of the row a token belongs to: 0, 1, ... Attention never crosses segments. */
  readonly segmentIds: BigInt64Array;
  /** Which text of a pair a token belongs to: 0, or 1. */
  readonly tokenTypes: BigInt64Array;
  /** Flat positions b * sequence + t whose logits have a target. A classifier's are the first tokens of the examples. */
  readonly labelRows: BigInt64Array;
  /** For each label row the id of the next token: inputIds[b * sequence + t + 1], in the same segment; or the example's class. */
  readonly labelTargets: BigInt64Array;
  readonly batch: number;
  readonly sequence: number;
  /** Tokens of examples in the batch, without padding. */
  readonly tokens: number;
}

export interface BatchOptions extends RowOptions {
  /** How many rows a batch has, at most. */
  readonly batchSize: number;
  /** Default 0. */
  readonly padId?: number;
  /** How far rows are padded: to the longest of the batch, or all to sequenceLength. Default 'longest'; packed: 'sequence'. */
  readonly padTo?: 'longest' | 'sequence';
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

export interface BatchStream {
  /**
   * The next batch. It goes on into the next epoch where one ends, so every batch has batchSize rows but the last of a stream with an
   * end. Asking beyond that is a defect.
   */
  next(): Batch;
  /** The next batches, `count` of them; fewer where the stream ends. */
  take(count: number): Batch[];
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
export const createBatchStream = (
  options: BatchOptions & {
    readonly seed: number;
    readonly epochs?: number | undefined;
    readonly state?: BatchStreamState;
  },
): BatchStream => {
  checkOptions(options);
  const { examples, batchSize, seed, epochs = Infinity, state } = options;
  if (state !== undefined && (state.seed !== seed || state.examples !== examples.length)) {
    throw new WorkbenchError(
      'conflict',
      `the checkpoint's data position was saved with ${state.examples} examples and seed ${state.seed}, now there are ${examples.length} and seed ${seed}`,
    );
  }

  let epoch = state?.epoch ?? 0;
  let rows = rowsOfEpoch(options, seed, epoch);
  let position = state?.row ?? 0;

  const hasEnded = (): boolean => position === rows.length && epoch + 1 >= epochs;
  const nextRow = (): Row => {
    if (position === rows.length) {
      epoch += 1;
      position = 0;
      rows = rowsOfEpoch(options, seed, epoch);
    }
    return rows[position++]!;
  };
  const next = (): Batch => {
    if (hasEnded()) throw new RangeError(`the last of ${epochs} epochs has ended`);
    const taken: Row[] = [];
    while (taken.length < batchSize && !hasEnded()) taken.push(nextRow());
    return assembleBatch(options, taken);
  };

  return {
    next,
    take: (count) => {
      const batches: Batch[] = [];
      while (batches.length < count && !hasEnded()) batches.push(next());
      return batches;
    },
    state: () => ({ seed, examples: examples.length, epoch, row: position }),
    rowsPerEpoch: () => rows.length,
  };
};

/** All examples once, in order, for evaluation; the last batch may have fewer rows. */
export function* sequentialBatches(options: BatchOptions): Generator<Batch, void, undefined> {
  checkOptions(options);
  const rows = formRows(options, options.examples);
  for (let start = 0; start < rows.length; start += options.batchSize) {
    yield assembleBatch(options, rows.slice(start, start + options.batchSize));
  }
}

const assembleBatch = (options: BatchOptions, rows: readonly Row[]): Batch => {
  const { sequenceLength, packing, padId = 0, padTo = packing ? 'sequence' : 'longest' } = options;
  const lengths = rows.map(tokensOf);
  const sequence = padTo === 'sequence' ? sequenceLength : Math.max(...lengths);
  const size = rows.length * sequence;

  const inputIds = new BigInt64Array(size).fill(BigInt(padId));
  const attentionMask = new BigInt64Array(size);
  const positionIds = new BigInt64Array(size);
  const segmentIds = new BigInt64Array(size);
  const tokenTypes = new BigInt64Array(size);
  const labelRows: bigint[] = [];
  const labelTargets: bigint[] = [];

  for (const [rowIndex, row] of rows.entries()) {
    let cursor = rowIndex * sequence;
    const end = cursor + sequence;
    for (const [segment, example] of row.entries()) {
      const { inputIds: ids, types } = example;
      const isLast = segment === row.length - 1;
      const stop = isLast ? end : cursor + ids.length;
      segmentIds.fill(BigInt(segment), cursor, stop);
      attentionMask.fill(1n, cursor, cursor + ids.length);
      for (let at = cursor, position = 0; at < stop; at++, position++) positionIds[at] = BigInt(position);
      for (const [token, id] of ids.entries()) {
        inputIds[cursor + token] = BigInt(id);
        tokenTypes[cursor + token] = BigInt(types?.[token] ?? 0);
      }
      for (const { token, target } of labelsOf(example)) {
        labelRows.push(BigInt(cursor + token));
        labelTargets.push(BigInt(target));
      }
      cursor = stop;
    }
  }

  return {
    inputIds,
    attentionMask,
    positionIds,
    segmentIds,
    tokenTypes,
    labelRows: BigInt64Array.from(labelRows),
    labelTargets: BigInt64Array.from(labelTargets),
    batch: rows.length,
    sequence,
    tokens: lengths.reduce((sum, length) => sum + length, 0),
  };
};

/** Which tokens' logits have a target: the one before each target token, or the first one of an example with a class. */
function* labelsOf({ inputIds, targets, label }: Example): Generator<{ token: number; target: number }> {
  if (label !== undefined) {
    yield { token: 0, target: label };
    return;
  }
  // The first token of a segment has nothing before it to be predicted from.
  for (let token = 1; token < inputIds.length; token++)
    if (targets[token] !== 0) yield { token: token - 1, target: inputIds[token]! };
}

const checkOptions = ({ examples, batchSize, sequenceLength }: BatchOptions): void => {
  if (examples.length === 0) throw invalidInput('there are no examples to make batches of');
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw invalidInput(`batch size: ${batchSize} is not a whole number of at least 1`);
  if (!Number.isInteger(sequenceLength) || sequenceLength < 2) {
    throw invalidInput(`sequence length: ${sequenceLength} is not a whole number of at least 2`);
  }
  const tooLong = examples.find((example) => example.inputIds.length > sequenceLength);
  if (tooLong !== undefined) {
    throw invalidInput(
      `row ${tooLong.sourceRow + 1} of the data has ${tooLong.inputIds.length} tokens, more than the sequence length of ${sequenceLength}`,
    );
  }
};
