import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { SeparatorName } from './separators.ts';
import type { ByteSource } from './byte-source.ts';

/** Where a record stands within the bytes of its block. */
export interface RecordPlace {
  readonly start: number;
  /** The first byte that is no part of the record. */
  readonly end: number;
  /** Line breaks between the block's beginning and the record's. */
  readonly line: number;
}

/** The whole records at the beginning of some bytes. */
export interface Split {
  readonly records: readonly RecordPlace[];
  /** Bytes up to where the next record may begin. */
  readonly consumed: number;
  /** Line breaks in the bytes that were consumed. */
  readonly lines: number;
  /** Whether the list of records was closed: what follows in the file can't be a record. */
  readonly closed?: boolean;
}

/** How the records of a file are told apart and read. */
export interface RecordForm {
  /** Offset of the first record, behind a byte order mark, a header or an opening bracket. */
  readonly start: number;
  /** Line of that offset, from 1. */
  readonly line: number;
  /** Whether the list must be closed at its end, as a JSON array. */
  readonly mustClose: boolean;
  /** What stands between the fields, where there are fields. */
  readonly separator?: SeparatorName;
  /** @param atEnd whether nothing follows: the last record then needs no line break */
  split(bytes: Uint8Array, atEnd: boolean): Split;
  /** @param place file and line, for errors */
  parse(bytes: Uint8Array, place: string): Record<string, unknown>;
}

/** Where a stretch of whole records lies. */
export interface BlockPlace {
  readonly firstRow: number;
  readonly offset: number;
  /** Of the block, in bytes. */
  readonly length: number;
  /** The line of the block's first byte, from 1. */
  readonly line: number;
}

export interface Block extends BlockPlace {
  readonly bytes: Uint8Array;
  readonly records: readonly RecordPlace[];
}

/** In bytes: large enough that opening the file for each costs nothing, small enough that parsing one keeps nobody waiting. */
const blockBytes = 1 << 18;
/** In bytes: far above any text that a model is trained on, and what a string of JavaScript can hold. */
const mostRecordBytes = 1 << 28;

/**
 * Goes through a file block by block; in memory is one at a time.
 * @param onBytes every byte of the file once, in order
 */
export function* readBlocks(
  source: ByteSource,
  form: RecordForm,
  name: string,
  onBytes: (bytes: Uint8Array) => void = () => {},
): Generator<Block> {
  onBytes(source.read(0, form.start));
  let { start: offset, line } = form;
  let firstRow = 0;
  let closed = false;
  while (offset < source.size && !closed) {
    const { bytes, split } = nextBlock(source, form, offset, `${name}, line ${line}`);
    const { consumed: length, records } = split;
    onBytes(bytes.subarray(0, length));
    if (records.length > 0) yield { firstRow, offset, length, line, bytes, records };
    firstRow += records.length;
    offset += length;
    line += split.lines;
    closed = split.closed ?? false;
  }
  if (form.mustClose && !closed)
    throw invalidInput(`${name}: the list of rows is not closed: the file ends in it`);
  for (; offset < source.size; offset += blockBytes) {
    const bytes = source.read(offset, blockBytes);
    if (!isBlank(bytes)) throw invalidInput(`${name}: text behind the end of the list of rows`);
    onBytes(bytes);
  }
}

/** Reads a block again. */
export const readBlock = (source: ByteSource, form: RecordForm, place: BlockPlace): Block => {
  const bytes = source.read(place.offset, place.length);
  return { ...place, bytes, records: form.split(bytes, true).records };
};

const nextBlock = (
  source: ByteSource,
  form: RecordForm,
  offset: number,
  place: string,
): { bytes: Uint8Array; split: Split } => {
  for (let length = blockBytes; length <= mostRecordBytes; length *= 2) {
    const bytes = source.read(offset, length);
    const atEnd = offset + bytes.length >= source.size;
    const split = form.split(bytes, atEnd);
    if (split.consumed > 0) return { bytes, split };
    if (atEnd) return { bytes, split: { ...split, consumed: bytes.length } };
  }
  throw new WorkbenchError(
    'unsupported',
    `${place}: a row is longer than ${mostRecordBytes / 1024 ** 2} MiB; a quote or a bracket may never be closed`,
  );
};

/** Whether there is nothing but spaces and line breaks. */
export const isBlank = (bytes: Uint8Array, start = 0, end = bytes.length): boolean => {
  for (let at = start; at < end; at++) if (!isSpace(bytes[at]!)) return false;
  return true;
};

/** What JSON takes for white space. */
export const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
