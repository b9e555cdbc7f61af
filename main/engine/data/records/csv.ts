import { invalidInput } from '../../errors.ts';
import { decodeUtf8 } from '../../formats/json-text.ts';
import type { RecordForm, RecordPlace, Split } from './blocks.ts';
import type { ByteSource } from './byte-source.ts';
import { fieldsOf } from './csv-fields.ts';

/** In bytes; a longer header is read in more. */
const headerBytes = 1 << 16;

/**
 * Records of one line or more with a header line, after RFC 4180; lines may end in LF, CR LF or CR.
 * @param start behind the byte order mark, in bytes
 * @throws WorkbenchError naming the line of a header that names a column twice or not at all
 */
export const csv = (
  source: ByteSource,
  start: number,
  name: string,
  separator: string,
): RecordForm | undefined => {
  const header = readHeader(source, start);
  if (header === undefined) return undefined;
  const { bytes, place, end } = header;
  const line = countLines(bytes.subarray(0, place.start));
  const columns = columnNames(bytes.subarray(place.start, place.end), separator, `${name}, line ${line}`);
  return {
    start: end,
    line: countLines(bytes),
    mustClose: false,
    split: splitCsv,
    parse: (record, at) => {
      const fields = fieldsOf(decodeUtf8(record, at), separator, at);
      if (fields.length !== columns.length)
        throw invalidInput(`${at}: has ${fields.length} fields, the header names ${columns.length} columns`);
      return Object.fromEntries(columns.map((column, index) => [column, fields[index]!]));
    },
  };
};

const columnNames = (bytes: Uint8Array, separator: string, place: string): string[] => {
  const columns = fieldsOf(decodeUtf8(bytes, place), separator, place);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw invalidInput(`${place}: the header names the column "${twice}" twice`);
  if (columns.includes('')) throw invalidInput(`${place}: the header has a column without a name`);
  return columns;
};

interface Header {
  /** From the beginning of the text to the header's end. */
  readonly bytes: Uint8Array;
  readonly place: RecordPlace;
  /** Offset in the file. */
  readonly end: number;
}

const readHeader = (source: ByteSource, start: number): Header | undefined => {
  for (let length = headerBytes; ; length *= 2) {
    const bytes = source.read(start, length);
    const atEnd = start + bytes.length >= source.size;
    const [place] = splitCsv(bytes, atEnd).records;
    if (place !== undefined) return { bytes: bytes.subarray(0, place.end), place, end: start + place.end };
    if (atEnd) return undefined;
  }
};

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** Cuts at the line breaks outside quotes. Quotes where none may be are found when a record's fields are told apart. */
export const splitCsv = (bytes: Uint8Array, atEnd: boolean): Split => {
  const records: RecordPlace[] = [];
  let quoted = false;
  let line = 0;
  let start = { at: 0, line: 0 };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) quoted = !quoted;
    if (byte !== newline && byte !== carriageReturn) continue;
    if (byte === carriageReturn && at + 1 === bytes.length && !atEnd) break;
    const end = at;
    if (byte === carriageReturn && bytes[at + 1] === newline) at += 1;
    line += 1;
    if (quoted) continue;
    if (end > start.at) records.push({ start: start.at, end, line: start.line });
    start = { at: at + 1, line };
  }
  if (!atEnd) return { records, consumed: start.at, lines: start.line };
  if (bytes.length > start.at) records.push({ start: start.at, end: bytes.length, line: start.line });
  return { records, consumed: bytes.length, lines: line };
};

/** The line, from 1, on which some text ends. */
const countLines = (bytes: Uint8Array): number => {
  let line = 1;
  for (let at = 0; at < bytes.length; at++) {
    const isBreak = bytes[at] === newline || (bytes[at] === carriageReturn && bytes[at + 1] !== newline);
    if (isBreak) line += 1;
  }
  return line;
};
