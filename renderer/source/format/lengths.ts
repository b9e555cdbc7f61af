import type { Lengths } from '../../../main/api/contract.ts';

type Counts = Lengths['lengths'];

/** Rows whose number the test is true of. */
const rowsWhere = (counts: Counts, isMeant: (value: number) => boolean): number =>
  counts.reduce((sum, [value, count]) => (isMeant(value) ? sum + count : sum), 0);

/** The shortest length that so large a share of the rows does not exceed. @param counts ascending */
export const lengthAt = (counts: Counts, share: number): number => {
  const needed = share * rowsWhere(counts, () => true);
  let sum = 0;
  for (const [value, count] of counts) {
    sum += count;
    if (sum >= needed) return value;
  }
  return 0;
};

/** What becomes of rows that are cut at a limit. */
export const cutAt = ({ lengths, learntFrom }: Lengths, limit: number) => ({
  cut: rowsWhere(lengths, (length) => length > limit),
  leftOut: rowsWhere(learntFrom, (from) => from === 0 || from > limit),
});

export interface LengthBin {
  /** In tokens, both included; the last bin goes on to the longest row. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

const mostBins = 24;
const steps = [1, 2, 4, 5];

/** Round widths: 1, 2, 4, 5, 10, 20, ... */
const roundWidth = (least: number): number => {
  for (let scale = 1; ; scale *= 10) for (const step of steps) if (step * scale >= least) return step * scale;
};

/**
 * Lengths in bins of one width, which go beyond the limit and over 99 of 100 rows; longer rows are in the last one.
 * @param counts ascending
 */
export const lengthBins = (counts: Counts, limit: number): LengthBin[] => {
  const longest = counts.at(-1)?.[0] ?? 0;
  const shown = Math.min(longest, Math.max(lengthAt(counts, 0.99), Math.ceil(limit * 1.1)));
  if (shown === 0) return [];
  const width = roundWidth(shown / mostBins);
  const count = Math.ceil(shown / width);
  return Array.from({ length: count }, (_, index) => {
    const from = index * width + 1;
    const to = index === count - 1 ? Math.max(longest, (index + 1) * width) : (index + 1) * width;
    return {
      from: index === 0 ? 0 : from,
      to,
      rows: rowsWhere(counts, (length) => length <= to && (index === 0 || length >= from)),
    };
  });
};

/** Where a length stands among the bins, from 0 to their number. */
export const placeAmong = (bins: readonly LengthBin[], length: number): number =>
  Math.min(bins.length, length / bins[0]!.to);
