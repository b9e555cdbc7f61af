import type { ScoredSequence, ScoredUnit } from './scored-sequence.ts';

/** Sequences that go through the model together, each with the unit that it belongs to. */
export interface SequenceBatch<Result> {
  readonly entries: readonly { readonly unit: ScoredUnit<Result>; readonly sequence: ScoredSequence }[];
}

const longest = <Result>({ sequences }: ScoredUnit<Result>): number =>
  Math.max(...sequences.map(({ inputIds }) => inputIds.length));

/**
 * Batches of sequences of about one length, the longest first, so that what does not fit into memory is known at once. Those of a unit
 * stay together, so that units are done one after the other.
 */
export const formBatches = <Result>(
  units: readonly ScoredUnit<Result>[],
  batchSize: number,
): SequenceBatch<Result>[] => {
  const entries = units
    .toSorted((a, b) => longest(b) - longest(a))
    .flatMap((unit) => unit.sequences.map((sequence) => ({ unit, sequence })));
  return Array.from({ length: Math.ceil(entries.length / batchSize) }, (_, index) => ({
    entries: entries.slice(index * batchSize, (index + 1) * batchSize),
  }));
};
