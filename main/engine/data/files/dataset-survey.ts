import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { WorkbenchError } from '../../errors.ts';
import { rowOf, type Row } from './dataset-file.ts';
import { readBlocks, type BlockPlace } from '../records/blocks.ts';
import { fileSource } from '../records/byte-source.ts';
import type { SeparatorName } from '../records/separators.ts';
import { holdsNoRows, openRecords } from '../records/open-records.ts';

/** Far above what people have; rows whose keys are made of their content would fill the memory. */
const mostColumns = 10_000;

/** What a pass over a whole file tells. */
export interface DatasetSurvey {
  /** The file's name, for messages. */
  readonly name: string;
  readonly rows: number;
  /** All columns of all rows, in order of first appearance. */
  readonly columns: readonly string[];
  /** Where they are. */
  readonly blocks: readonly BlockPlace[];
  /** Of the file's content, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** What separates the fields of a CSV file; null for other files. */
  readonly separator: SeparatorName | null;
}

/** @param place file and line, for errors */
export type RowVisitor = (row: Row, place: string) => void;

/**
 * Goes once through a file: reads every row, hashes every byte. In memory is a stretch of it at a time.
 * @param visitorOf is given the first rows and makes what looks at each row, these included
 * @param onBytes told how many bytes were read, after each stretch
 * @throws WorkbenchError naming the file and line of what can't be read, and of what the visitor objects to
 */
export const surveyFile = (
  path: string,
  separator: SeparatorName | undefined,
  visitorOf: (firstRows: readonly Row[], name: string) => RowVisitor,
  onBytes: (bytes: number) => void = () => undefined,
): DatasetSurvey => {
  const name = basename(path);
  const source = fileSource(path);
  const form = openRecords(source, name, separator);
  const hash = createHash('sha256');
  const columns = new Set<string>();
  let visit: RowVisitor | undefined;
  const blocks: BlockPlace[] = [];
  let rows = 0;
  const take = (bytes: Uint8Array): void => {
    hash.update(bytes);
    onBytes(bytes.length);
  };
  for (const block of readBlocks(source, form, name, take)) {
    const read = block.records.map((_, index) => rowOf(form, block, block.firstRow + index, name));
    visit ??= visitorOf(read, name);
    for (const [index, row] of read.entries()) {
      const place = `${name}, line ${block.line + block.records[index]!.line}`;
      for (const column of Object.keys(row)) columns.add(column);
      if (columns.size > mostColumns) throw tooManyColumns(place);
      visit(row, place);
    }
    const { firstRow, offset, length, line } = block;
    blocks.push({ firstRow, offset, length, line });
    rows += read.length;
  }
  if (rows === 0) throw holdsNoRows(name);
  return {
    name,
    rows,
    blocks,
    columns: [...columns],
    sha256: hash.digest('hex'),
    bytes: source.size,
    separator: form.separator ?? null,
  };
};

const tooManyColumns = (place: string): WorkbenchError =>
  new WorkbenchError(
    'unsupported',
    `${place}: the file has more than ${mostColumns} columns up to here; rows with keys of their own are no columns: put what differs into one column, as text`,
  );
