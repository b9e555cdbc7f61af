import { basename } from 'node:path';
import { readBlock, readBlocks, type Block, type BlockPlace, type RecordForm } from '../records/blocks.ts';
import { fileSource, memorySource, type ByteSource } from '../records/byte-source.ts';
import type { SeparatorName } from '../records/separators.ts';
import { holdsNoRows, openRecords } from '../records/open-records.ts';

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
  /** Rows behind these are left out, and their part of the file isn't read. */
  readonly mostRows?: number;
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
  { mostRows = Number.POSITIVE_INFINITY, separator }: ReadingOptions,
): Dataset => {
  const form = openRecords(source, name, separator ?? undefined);
  const { places, length } = indexBlocks(readBlocks(source, form, name), mostRows);
  if (length === 0) throw holdsNoRows(name);
  const locate = locator(source, form, places);
  const lineOf = (rowIndex: number): number => {
    const { block, record } = locate(rowIndex);
    return block.line + record.line;
  };
  const at = (index: number): Row => {
    if (!(index >= 0 && index < length)) throw new RangeError(`${name}: has no row ${index}`);
    return rowOf(form, locate(index).block, index, name);
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

const indexBlocks = (
  blocks: Iterable<Block>,
  mostRows: number,
): { places: readonly BlockPlace[]; length: number } => {
  const places: BlockPlace[] = [];
  let rows = 0;
  for (const { firstRow, offset, length, line, records } of blocks) {
    places.push({ firstRow, offset, length, line });
    rows = firstRow + records.length;
    if (rows >= mostRows) return { places, length: mostRows };
  }
  return { places, length: rows };
};

/** Finds the block of a row; the last one found is kept, since rows are mostly asked for in order. */
const locator = (source: ByteSource, form: RecordForm, places: readonly BlockPlace[]) => {
  let kept: Block | undefined;
  return (index: number): { block: Block; record: Block['records'][number] } => {
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
