import { fairSample, allRows } from '../duplicates/fair-sample.ts';
import type { Dataset } from '../files/dataset-file.ts';
import { fillTemplate, type DatasetFormat } from '../files/dataset-format.ts';
import { columnText } from '../tokens/row-text.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';
import { createRowReader, type ExampleOptions } from './examples.ts';

/** Rows that are tokenized at most: a fair sample of more. */
export const mostMeasuredRows = 20_000;

export interface LengthsQuestion extends Pick<ExampleOptions, 'lossOn' | 'date' | 'dataset' | 'tokenizer'> {
  readonly format: DatasetFormat;
  readonly onRow?: (done: number, of: number) => void;
}

/** How often each number occurs, by the number. */
export type Counts = readonly [value: number, count: number][];

export interface RowLengths {
  readonly rows: number;
  /** As many as were tokenized. */
  readonly measured: number;
  /** Tokens of whole rows. */
  readonly lengths: Counts;
  /**
   * At how many tokens a row begins to be learnt from: cut to fewer, nothing of it carries loss, and it is left out. Rows that never
   * are stand under 0.
   */
  readonly learntFrom: Counts;
}

/** How long rows are in tokens, before anything is cut. @throws WorkbenchError naming the line of a row that can't be trained on */
export const rowLengths = (question: LengthsQuestion): RowLengths => {
  const { dataset, onRow } = question;
  const measure = measurer(question);
  const lengths = new Map<number, number>();
  const learntFrom = new Map<number, number>();
  const rows = fairSample(allRows(dataset.rows.length), mostMeasuredRows);
  for (const [done, row] of rows.entries()) {
    onRow?.(done, rows.length);
    const { length, firstTarget } = measure(row);
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
    learntFrom.set(firstTarget + 1, (learntFrom.get(firstTarget + 1) ?? 0) + 1);
  }
  return {
    rows: dataset.rows.length,
    measured: rows.length,
    lengths: ascending(lengths),
    learntFrom: ascending(learntFrom),
  };
};

/** @returns a row's tokens, and the place of the first that the loss counts, -1 where there is none */
const measurer = ({ format, dataset, tokenizer, lossOn, date }: LengthsQuestion) => {
  if (format.kind === 'classification') {
    const lengthOf = classLengths(format, dataset, tokenizer);
    // The row is scored as a whole, whatever is cut of it.
    return (row: number) => ({ length: lengthOf(row), firstTarget: 0 });
  }
  const reader = createRowReader({ dataset, format, tokenizer, lossOn, date });
  return (row: number) => {
    const { ids, targets } = reader.row(row);
    // The first token is never predicted.
    return { length: ids.length, firstTarget: targets.indexOf(1, 1) };
  };
};

const classLengths = (
  { text, pair }: Extract<DatasetFormat, { kind: 'classification' }>,
  dataset: Dataset,
  tokenizer: Tokenizer,
) => {
  const filled = (template: string, row: number): string => {
    const place = `${dataset.name}, line ${dataset.lineOf(row)}`;
    return fillTemplate(template, (column) => columnText(dataset.rows.at(row), column, place));
  };
  return (row: number): number =>
    tokenizer.encodePair(filled(text, row), pair === undefined ? null : filled(pair, row)).ids.length;
};

const ascending = (counts: ReadonlyMap<number, number>): Counts => [...counts].sort(([a], [b]) => a - b);
