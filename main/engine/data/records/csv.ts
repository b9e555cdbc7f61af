import { invalidInput } from '../../errors.ts';
import { decodeUtf8 } from '../../formats/json-text.ts';
import type { RecordForm, RecordPlace, Split } from './blocks.ts';
import type { ByteSource } from './byte-source.ts';
import { refuseManyColumns } from './columns.ts';
import { separators, type SeparatorName } from './separators.ts';
import { fieldsOf } from './csv-fields.ts';
import { findSeparator, readSeparatorLine } from './find-separator.ts';

/** In bytes: what is looked at to find the separator. A longer header is read in more. */
const sampleBytes = 1 << 16;

/**
 * Records of one line or more with a header line, after RFC 4180; lines may end in LF, CR LF or CR. The separator is the one that is
 * wanted, or that a first line `sep=;` names, or that is found.
 * @param start behind the byte order mark, in bytes
 * @throws WorkbenchError naming the line of a header that can't be read, or whose separator is not clear
 */
export const csv = (
  source: ByteSource,
  start: number,
  name: string,
  wanted: SeparatorName | undefined,
): RecordForm | undefined => {
  const { bytes, records } = readSample(source, start);
  const texts = records.map((record) => lenient.decode(bytes.subarray(record.start, record.end)));
  const lineOf = (record: RecordPlace): string => `${name}, line ${record.line + 1}`;
  const [first] = records;
  const said = first && readSeparatorLine(texts[0]!, lineOf(first));
  const headerIndex = said === undefined ? 0 : 1;
  const header = records[headerIndex];
  if (header === undefined) return undefined;
  const place = lineOf(header);
  const [headerText, ...rows] = texts.slice(headerIndex);
  const found = wanted ?? said ?? findSeparator(headerText!, rows, place);
  const columns = columnNames(bytes.subarray(header.start, header.end), separators[found], place);
  return {
    start: start + header.end,
    line: countLines(bytes.subarray(0, header.end)),
    mustClose: false,
    separator: found,
    split: splitCsv,
    parse: (record, at) => {
      const fields = fieldsOf(decodeUtf8(record, at), separators[found], at);
      if (fields.length !== columns.length)
        throw invalidInput(
          `${at}: has ${fields.length} fields, the header names ${columns.length} columns${found === 'comma' ? '' : `, separated by ${found}`}`,
        );
      return Object.fromEntries(columns.map((column, index) => [column, fields[index]!]));
    },
  };
};

/** Only to find the separator: what is no UTF-8 is refused when it is read. */
const lenient = new TextDecoder();

const columnNames = (bytes: Uint8Array, separator: string, place: string): string[] => {
  const columns = fieldsOf(decodeUtf8(bytes, place), separator, place);
  refuseManyColumns(columns.length, place);
  const seen = new Set<string>();
  const twice = columns.find((column) => seen.size === seen.add(column).size);
  if (twice !== undefined) throw invalidInput(`${place}: the header names the column "${twice}" twice`);
  if (columns.includes(''))
    throw invalidInput(
      `${place}: the header has a column without a name; give it one, or take it out (pandas: index=False)`,
    );
  return columns;
};

/** The first records; a header and what may stand before it in any case. */
const readSample = (
  source: ByteSource,
  start: number,
): { bytes: Uint8Array; records: readonly RecordPlace[] } => {
  for (let length = sampleBytes; ; length *= 2) {
    const bytes = source.read(start, length);
    const atEnd = start + bytes.length >= source.size;
    const { records } = splitCsv(bytes, atEnd);
    if (records.length > 1 || atEnd) return { bytes, records };
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
