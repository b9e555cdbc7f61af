import { formRows, type RowOptions, type SequenceRow } from './form-rows.ts';
import type { ScoredUnit } from './scored-sequence.ts';

const longest = <Result>({ sequences }: ScoredUnit<Result>): number =>
  Math.max(...sequences.map(({ inputIds }) => inputIds.length));

/**
 * Batches of rows of about one length, the longest first, so that what does not fit into memory is known at once. A batch has as many rows as
 * make no more tokens than `tokensAtMost`, with padding, and one at least.
 */
export const formBatches = <Result>(
  units: readonly ScoredUnit<Result>[],
  options: RowOptions,
): SequenceRow<Result>[][] => {
  const rows = formRows(
    units.toSorted((a, b) => longest(b) - longest(a)),
    options,
  ).toSorted((a, b) => b.tree.tokens.length - a.tree.tokens.length);
  const batches: SequenceRow<Result>[][] = [];
  for (const row of rows) {
    const last = batches.at(-1);
    const width = last?.[0]?.tree.tokens.length ?? 0;
    if (last !== undefined && (last.length + 1) * width <= options.tokensAtMost) last.push(row);
    else batches.push([row]);
  }
  return batches;
};
