import { basename } from 'node:path';
import { WorkbenchError } from '../../errors.ts';
import { isBlank, readBlocks } from '../records/blocks.ts';
import { fileSource, type ByteSource } from '../records/byte-source.ts';
import { holdsNoRows, openRecords } from '../records/open-records.ts';
import type { SeparatorName } from '../records/separators.ts';
import { rowOf, type Row } from './dataset-file.ts';

/** The beginning of a file: the rows by which an import guesses its form. */
export interface FirstRows {
  /** The file's name, for messages. */
  readonly name: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** What separates the fields of a CSV file; null for other files. */
  readonly separator: SeparatorName | null;
  /** Each with its line, from 1; up to the first that can't be read. */
  readonly rows: readonly { readonly line: number; readonly row: Row }[];
  /** Whether they are all rows of the file. */
  readonly isWhole: boolean;
  /** Why the row behind them can't be read. */
  readonly problem: WorkbenchError | null;
}

/**
 * Reads the first stretch of a file, whatever its size.
 * @throws WorkbenchError for what is no file of rows
 */
export const readFirstRows = (path: string, separator: SeparatorName | undefined): FirstRows => {
  const name = basename(path);
  const source = fileSource(path);
  const form = openRecords(source, name, separator);
  const [block] = readBlocks(source, form, name);
  if (block === undefined) throw holdsNoRows(name);
  const rows: FirstRows['rows'][number][] = [];
  const found = { name, bytes: source.size, separator: form.separator ?? null, rows };
  for (const [index, record] of block.records.entries()) {
    try {
      rows.push({ line: block.line + record.line, row: rowOf(form, block, block.firstRow + index, name) });
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      return { ...found, isWhole: false, problem: error };
    }
  }
  return { ...found, isWhole: nothingFollows(source, block.offset + block.length), problem: null };
};

const tailBytes = 1024;

const nothingFollows = (source: ByteSource, offset: number): boolean =>
  source.size - offset <= tailBytes && isBlank(source.read(offset, tailBytes));
