import { createHash } from 'node:crypto';
import type { Dataset } from '../files/dataset-file.ts';
import type { DatasetFormat } from '../files/dataset-format.ts';
import { contentIndex, type ContentIndex } from './content-index.ts';
import { allRows, fairSample } from './fair-sample.ts';
import { nearIndex, type NearIndex } from './near-index.ts';
import { normalised, rowContent } from './row-content.ts';
import { wordGrams } from './word-grams.ts';

/** How similar rows are at least that count as near duplicates. */
export const nearThreshold = 0.8;
/** Held-out rows that near duplicates are looked for of: a fair sample of more. */
export const mostNearRows = 20_000;

export interface DuplicatesQuestion {
  readonly train: Dataset;
  /** A file of held-out rows, or the rows of the training file that are held out, ascending. */
  readonly heldOut: Dataset | readonly number[];
  readonly format: DatasetFormat;
  /** Groups and pairs that are given; all are counted. */
  readonly shown: number;
  readonly onRow?: (done: number, of: number) => void;
}

export interface RowPair {
  readonly trainRow: number;
  readonly heldOutRow: number;
}

export interface NearPair extends RowPair {
  readonly similarity: number;
}

/** Rows count from 0 in their files. */
export interface FoundDuplicates {
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** Rows of the training file that hold what an earlier one holds. */
  readonly repeatedRows: number;
  /** The first groups of rows that hold the same. */
  readonly repeated: readonly (readonly number[])[];
  /** Held-out rows that hold what a training row holds. */
  readonly sharedRows: number;
  readonly shared: readonly RowPair[];
  /** Held-out rows that only nearly hold it: among those that were looked at. */
  readonly nearRows: number;
  readonly nearLookedAt: number;
  /** Each such row with the training row most like it, the most similar first. */
  readonly near: readonly NearPair[];
}

/** Finds rows that are there twice, within the training file and between training and held-out rows. Rows without text don't count. */
export const findDuplicates = (question: DuplicatesQuestion): FoundDuplicates => {
  const { train, heldOut, format, shown, onRow } = question;
  const held = indexHeldOut('rows' in heldOut ? heldOut : train, 'rows' in heldOut ? null : heldOut, format);
  const drawn = new Set('rows' in heldOut ? [] : heldOut);
  const seen = contentIndex<number>();
  const shared = new Map<number, number>();
  const nearest = new Map<number, NearPair>();
  for (let trainRow = 0; trainRow < train.rows.length; trainRow++) {
    onRow?.(trainRow, train.rows.length);
    const text = normalised(rowContent(train, format, trainRow));
    if (text === '') continue;
    const key = digest(text);
    seen.add(key, trainRow);
    if (drawn.has(trainRow)) continue;
    const same = held.exact.rowsWith(key);
    for (const heldOutRow of same) if (!shared.has(heldOutRow)) shared.set(heldOutRow, trainRow);
    if (same.length > 0 || held.looked.length === 0) continue;
    for (const { index, similarity } of held.near.find(wordGrams(text))) {
      const heldOutRow = held.looked[index]!;
      if (similarity > (nearest.get(heldOutRow)?.similarity ?? 0))
        nearest.set(heldOutRow, { trainRow, heldOutRow, similarity });
    }
  }
  const repeated = seen.repeated();
  const near = [...nearest.values()].filter(({ heldOutRow }) => !shared.has(heldOutRow));
  return {
    trainRows: train.rows.length - drawn.size,
    heldOutRows: held.count,
    repeatedRows: repeated.reduce((sum, rows) => sum + rows.length - 1, 0),
    repeated: repeated.slice(0, shown),
    sharedRows: shared.size,
    shared: [...shared]
      .map(([heldOutRow, trainRow]) => ({ trainRow, heldOutRow }))
      .sort((a, b) => a.heldOutRow - b.heldOutRow)
      .slice(0, shown),
    nearRows: near.length,
    nearLookedAt: held.looked.length,
    near: near.sort((a, b) => b.similarity - a.similarity || a.heldOutRow - b.heldOutRow).slice(0, shown),
  };
};

interface HeldOutIndex {
  readonly count: number;
  readonly exact: ContentIndex<number>;
  readonly near: NearIndex;
  /** The rows behind the indices of `near`. */
  readonly looked: readonly number[];
}

/** @param rows null for all of the file */
const indexHeldOut = (
  source: Dataset,
  rows: readonly number[] | null,
  format: DatasetFormat,
): HeldOutIndex => {
  const all = rows ?? allRows(source.rows.length);
  const sampled = new Set(fairSample(all, mostNearRows));
  const exact = contentIndex<number>();
  const grams = new Map<number, Float64Array>();
  for (const row of all) {
    const text = normalised(rowContent(source, format, row));
    if (text === '') continue;
    exact.add(digest(text), row);
    if (sampled.has(row)) grams.set(row, wordGrams(text));
  }
  const near = nearIndex([...grams.values()], nearThreshold);
  return { count: all.length, exact, near, looked: [...grams.keys()] };
};

/** 128 bits in place of the text: the texts of all rows need not stay in memory. */
const digest = (text: string): string => createHash('md5').update(text).digest('base64');
