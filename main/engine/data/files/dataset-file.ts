import { basename } from 'node:path';
import { readBlock, readBlocks, type Block, type BlockPlace, type RecordForm } from '../records/blocks.ts';
import { fileSource, memorySource, type ByteSource } from '../records/byte-source.ts';
import type { SeparatorName } from '../records/separators.ts';
import { holdsNoRows, openRecords } from '../records/open-records.ts';
import { invalidInput } from '../../errors.ts';
import type { RowIndex } from './row-index.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Rows that are read and parsed when they are asked for; a stretch of the file is in memory, never the whole. */
export interface Rows extends Iterable<Row> {
  readonly length: number;
  /**
   * @param index from 0
   * @throws WorkbenchError naming the line of a row that can't be read: `train.jsonl, line 3: not JSON (...)`
   */
  at(index: number): Row;
}

export interface Dataset {
  /** The file's name, for messages. */
  readonly name: string;
  readonly rows: Rows;
  /** The line of the file, from 1, on which a row starts. */
  lineOf(rowIndex: number): number;
}

export interface ReadingOptions {
  /** From 0: rows before it are left out. */
  readonly firstRow?: number;
  /** Rows behind these are left out, and their part of the file isn't read. */
  readonly mostRows?: number;
  /** Rows are left out that begin more than so many bytes behind the first, give or take a stretch of the file. */
  readonly mostBytes?: number;
  /** Where its rows are, if that is known: they are looked for otherwise. */
  readonly index?: RowIndex | undefined;
  /** Of a CSV file; found out when absent or null. */
  readonly separator?: SeparatorName | null | undefined;
}

/**
 * Opens a data set: .jsonl (an object a line), .json (an array of objects, or JSON lines under that name), .csv and .tsv (RFC 4180, with
 * a header line). Finds where rows begin; each is parsed when it is asked for.
 * @throws WorkbenchError naming the file, and the line where that is known
 */
export const readDatasetFile = (path: string, options: ReadingOptions = {}): Dataset =>
  openDataset(fileSource(path), basename(path), options);

/** @param name the file's name: its ending says the format */
export const parseDataset = (bytes: Uint8Array, name: string, options: ReadingOptions = {}): Dataset =>
  openDataset(memorySource(bytes), name, options);

const openDataset = (
  source: ByteSource,
  name: string,
  { separator, index, ...wanted }: ReadingOptions,
): Dataset => {
  const form = openRecords(source, name, separator ?? undefined);
  const window = { firstRow: 0, mostRows: Infinity, mostBytes: Infinity, ...wanted };
  const { firstRow } = window;
  const { blocks, rows } = index ?? indexBlocks(readBlocks(source, form, name), window);
  if (rows === 0) throw holdsNoRows(name);
  if (firstRow >= rows) throw invalidInput(`${name}: has ${rows} rows; there is no row ${firstRow + 1}`);
  const length = lastRow({ blocks, rows }, window) - firstRow;
  const locateInFile = locator(source, form, blocks);
  const locate = (row: number): Located => locateInFile(firstRow + row);
  const lineOf = (rowIndex: number): number => {
    const { block, record } = locate(rowIndex);
    return block.line + record.line;
  };
  const at = (index: number): Row => {
    if (!(index >= 0 && index < length)) throw new RangeError(`${name}: has no row ${index}`);
    return rowOf(form, locate(index).block, firstRow + index, name);
  };
  return {
    name,
    lineOf,
    rows: {
      length,
      at,
      *[Symbol.iterator]() {
        for (let index = 0; index < length; index++) yield at(index);
      },
    },
  };
};

/** A row of a block. @throws WorkbenchError naming its line */
export const rowOf = (form: RecordForm, block: Block, index: number, name: string): Row => {
  const { start, end, line } = block.records[index - block.firstRow]!;
  return form.parse(block.bytes.subarray(start, end), `${name}, line ${block.line + line}`);
};

/** The part of a file that is wanted. */
type Window = Required<Pick<ReadingOptions, 'firstRow' | 'mostRows' | 'mostBytes'>>;

/** Reads no further than what is wanted. */
const indexBlocks = (found: Iterable<Block>, window: Window): RowIndex => {
  const blocks: BlockPlace[] = [];
  let rows = 0;
  for (const { firstRow, offset, length, line, records } of found) {
    blocks.push({ firstRow, offset, length, line });
    rows = firstRow + records.length;
    if (rows >= window.firstRow + window.mostRows) break;
    const { offset: start } = blocks[lastAtOrBefore(blocks, window.firstRow)]!;
    if (rows > window.firstRow && offset + length - start >= window.mostBytes) break;
  }
  return { rows, blocks };
};

/** The first row, from 0, that is not wanted any more. */
const lastRow = ({ blocks, rows }: RowIndex, { firstRow, mostRows, mostBytes }: Window): number => {
  const begin = lastAtOrBefore(blocks, firstRow);
  const { offset: start } = blocks[begin]!;
  const beyond = blocks.findIndex(({ offset }, at) => at > begin && offset - start >= mostBytes);
  return Math.min(beyond === -1 ? rows : blocks[beyond]!.firstRow, firstRow + mostRows);
};

interface Located {
  readonly block: Block;
  readonly record: Block['records'][number];
}

/** Finds the block of a row; the last one found is kept, since rows are mostly asked for in order. */
const locator = (source: ByteSource, form: RecordForm, places: readonly BlockPlace[]) => {
  let kept: Block | undefined;
  return (index: number): Located => {
    if (kept?.records[index - kept.firstRow] === undefined)
      kept = readBlock(source, form, places[lastAtOrBefore(places, index)]!);
    return { block: kept, record: kept.records[index - kept.firstRow]! };
  };
};

/** By halving: the last block whose first row is at or before a row. */
const lastAtOrBefore = (places: readonly BlockPlace[], row: number): number => {
  let low = 0;
  let high = places.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (places[middle]!.firstRow <= row) low = middle;
    else high = middle - 1;
  }
  return low;
};
