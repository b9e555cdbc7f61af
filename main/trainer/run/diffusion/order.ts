import type { BatchStreamState } from '../../../engine/data/batches/batches.ts';
import { rowsOfEpoch } from '../../../engine/data/batches/batching.ts';
import { invalidInput, WorkbenchError } from '../../../engine/errors.ts';

/** A picture in its turn: what chance decides of it follows from these two and the run's seed. */
export interface Seeing<Entry> {
  readonly entry: Entry;
  readonly epoch: number;
  /** Among all that an epoch sees, a picture as often as it is repeated, in the order of the data. */
  readonly place: number;
}

export interface OrderOptions<Entry> {
  /** A picture as often as an epoch sees it. */
  readonly occurrences: readonly Entry[];
  /** Pictures of one size: a batch has no others. */
  readonly bucketOf: (entry: Entry) => string;
  readonly batchSize: number;
  readonly seed: number;
  /** Endless where absent. */
  readonly epochs?: number | undefined;
}

/** Which pictures a batch shows. */
export interface PlannedBatch<Entry> {
  readonly seeings: readonly Seeing<Entry>[];
  /** How many were seen before them. */
  readonly before: number;
  /** Where the order stands behind it. */
  readonly after: BatchStreamState;
}

const eachAlone = { formRows: (ordered: readonly number[]) => ordered.map((place) => [place]) };

/**
 * Every picture once an epoch, in an order of its own that depends on the seed and the epoch's number alone. Each waits for others of its size, into the
 * next epoch too, until they fill a batch; what still waits after the last epoch comes in smaller ones.
 */
export function* plannedBatches<Entry>(
  options: OrderOptions<Entry>,
): Generator<PlannedBatch<Entry>, void, undefined> {
  const { occurrences, bucketOf, batchSize, seed, epochs = Infinity } = options;
  if (occurrences.length === 0) throw invalidInput('there are no pictures to make batches of');
  const examples = occurrences.length;
  const places = occurrences.map((_, place) => place);
  const waiting = new Map<string, Seeing<Entry>[]>();
  let before = 0;
  const planned = (seeings: readonly Seeing<Entry>[], epoch: number, row: number): PlannedBatch<Entry> => {
    const batch = { seeings, before, after: { seed, examples, epoch, row } };
    before += seeings.length;
    return batch;
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = rowsOfEpoch(eachAlone, places, seed, epoch);
    for (const [row, [place]] of order.entries()) {
      const entry = occurrences[place!]!;
      const bucket = bucketOf(entry);
      const seeings = [...(waiting.get(bucket) ?? []), { entry, epoch, place: place! }];
      const isFull = seeings.length === batchSize;
      waiting.set(bucket, isFull ? [] : seeings);
      if (isFull) yield planned(seeings, epoch, row + 1);
    }
  }
  let row = examples;
  for (const seeings of waiting.values()) if (seeings.length > 0) yield planned(seeings, epochs - 1, ++row);
}

const isSame = (a: BatchStreamState, b: BatchStreamState): boolean => a.epoch === b.epoch && a.row === b.row;

/**
 * The same behind the batch that left the order in this state. Planning touches no picture, so it is gone through again from the beginning.
 * @throws conflict for a state of other pictures, or one that this order never has
 */
export function* plannedFrom<Entry>(
  options: OrderOptions<Entry>,
  state: BatchStreamState | undefined,
): Generator<PlannedBatch<Entry>, void, undefined> {
  const plans = plannedBatches(options);
  if (state !== undefined) skipTo(plans, options, state);
  yield* plans;
}

const isStart = ({ epoch, row }: BatchStreamState): boolean => epoch === 0 && row === 0;

const skipTo = <Entry>(
  plans: Iterator<PlannedBatch<Entry>>,
  { seed, occurrences: { length } }: OrderOptions<Entry>,
  state: BatchStreamState,
): void => {
  if (state.seed === seed && state.examples === length) {
    if (isStart(state)) return;
    for (let plan = plans.next(); plan.done !== true; plan = plans.next()) {
      const { after } = plan.value;
      if (isSame(after, state)) return;
      if (after.epoch > state.epoch) break;
    }
  }
  throw new WorkbenchError(
    'conflict',
    `the checkpoint's place in the pictures was saved with ${state.examples} of them and seed ${state.seed}, now there are ${length} and seed ${seed}, or they have other sizes`,
  );
};

/** Pictures one after the other, all of them once before any comes again: those of the class, which stand beside the others. */
export const seeingAt = <Entry>(occurrences: readonly Entry[], seed: number, at: number): Seeing<Entry> => {
  const epoch = Math.floor(at / occurrences.length);
  const places = occurrences.map((_, place) => place);
  const [place] = rowsOfEpoch(eachAlone, places, seed, epoch)[at % occurrences.length]!;
  return { entry: occurrences[place!]!, epoch, place: place! };
};
