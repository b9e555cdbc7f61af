import { readFileSync } from 'node:fs';

type Rows = readonly (readonly number[])[];
interface Arms {
  readonly first: number[];
  readonly second: number[];
  readonly p: number;
  readonly low: number;
  readonly high: number;
}

/** What scipy and statsmodels give; make-reference.py wrote it. */
export const reference = JSON.parse(
  readFileSync(new URL('./fixtures/reference.json', import.meta.url), 'utf8'),
) as {
  logGamma: Rows;
  logBeta: Rows;
  incompleteBeta: Rows;
  t: Rows;
  tCritical: Rows;
  normalTail: Rows;
  normalQuantile: Rows;
  noncentralT: Rows;
  power: Rows;
  binomial: Rows;
  mcNemar: Rows;
  cohensH: Rows;
  holm: { values: number[]; adjusted: number[] }[];
  signedRank: { values: number[]; exact: number | null; approximate: number }[];
  signFlips: { values: number[]; p: number }[];
  paired: (Arms & { equivalence: number; d_z: number })[];
  welch: (Arms & { degrees: number; g: number; factor: number })[];
  bootstrap: {
    sample: number[];
    drawn: number[];
    acceleration: number;
    accelerated: [number, number];
    percentile: [number, number];
  };
  crossed: { rows: number[][]; mean: number; seeds: number; items: number; residual: number }[];
};

/** Relative to the larger of two numbers; 0 where they are the same. */
export const relativeError = (one: number, other: number): number =>
  one === other ? 0 : Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other), 1e-300);

/** The largest error of a function of a row's first numbers, against its last one. */
export const largestError = (rows: Rows, compute: (...row: number[]) => number): number =>
  Math.max(...rows.map((row) => relativeError(compute(...row.slice(0, -1)), row.at(-1)!)));
