import { basename, extname } from 'node:path';
import { parse as parseCsvRecords } from 'csv-parse/sync';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { decodeUtf8, isObject, parseJson, readBytes, topLevelItemOffsets } from '../formats/json-text.ts';

export interface Dataset {
  /** The file's name, for messages. */
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** All columns of all rows, in order of first appearance. */
  readonly columns: readonly string[];
  /** The line of the file, from 1, on which a row starts. */
  lineOf(rowIndex: number): number;
}

/**
 * Reads a data set: .jsonl (an object a line), .json (an array of objects, or JSON lines under that name), .csv (RFC 4180, with a header line).
 * @throws WorkbenchError naming the file and line: `train.jsonl, line 3: not JSON (...)`
 */
export function readDatasetFile(path: string): Dataset {
  return parseDataset(readBytes(path), basename(path));
}

/** @param name the file's name: its ending says the format */
export function parseDataset(bytes: Uint8Array, name: string): Dataset {
  const parser = parsers[extname(name).toLowerCase()];
  if (parser === undefined)
    throw new WorkbenchError('unsupported', `${name}: data must be a .jsonl, .json or .csv file`);
  const located = parser(bytes, name);
  if (located.length === 0) throw invalidInput(`${name}: holds no rows`);
  const columns = new Set(located.flatMap(({ row }) => Object.keys(row)));
  return {
    name,
    rows: located.map(({ row }) => row),
    columns: [...columns],
    lineOf: (rowIndex) => located[rowIndex]!.line,
  };
}

interface LocatedRow {
  readonly row: Record<string, unknown>;
  readonly line: number;
}

const parsers: Record<string, (bytes: Uint8Array, name: string) => LocatedRow[]> = {
  '.jsonl': parseJsonLines,
  '.ndjson': parseJsonLines,
  '.json': parseJsonFile,
  '.csv': parseCsv,
};

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Decodes line by line: a file may be longer than the longest string. */
function parseJsonLines(bytes: Uint8Array, name: string): LocatedRow[] {
  const rows: LocatedRow[] = [];
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found;
    const place = `${name}, line ${line}`;
    const text = decodeUtf8(bytes.subarray(start, end), place).trim();
    if (text !== '') rows.push(asRow(parseJson(text, place), line, name));
    start = end + 1;
  }
  return rows;
}

function parseJsonFile(bytes: Uint8Array, name: string): LocatedRow[] {
  const text = decodeUtf8(bytes, name);
  // Many tools write JSON lines under this name.
  if (text.trimStart().startsWith('{')) return parseJsonLines(bytes, name);
  const value = parseJson(text, name);
  if (!Array.isArray(value)) throw invalidInput(`${name}: must hold an array of objects`);
  const lineAt = lineCounter((from) => text.indexOf('\n', from));
  const offsets = topLevelItemOffsets(text);
  return value.map((row, index) => asRow(row, lineAt(offsets[index]!), name));
}

function parseCsv(bytes: Uint8Array, name: string): LocatedRow[] {
  const [header, ...records] = csvRecords(bytes, name);
  if (header === undefined) return [];
  const columns = header.fields;
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined)
    throw invalidInput(`${name}, line ${header.line}: the header names the column "${twice}" twice`);
  if (columns.includes(''))
    throw invalidInput(`${name}, line ${header.line}: the header has a column without a name`);
  return records.map(({ fields, line }) => {
    if (fields.length !== columns.length) {
      throw invalidInput(
        `${name}, line ${line}: has ${fields.length} fields, the header names ${columns.length} columns`,
      );
    }
    return { row: Object.fromEntries(columns.map((column, index) => [column, fields[index]!])), line };
  });
}

interface CsvRecord {
  readonly fields: string[];
  readonly line: number;
}

/** csv-parse's own line numbers count a CR LF inside quotes twice, so lines are found from its byte offsets. */
function csvRecords(bytes: Uint8Array, name: string): CsvRecord[] {
  decodeUtf8(bytes, name); // csv-parse would put replacement characters where the text is not UTF-8
  const records: CsvRecord[] = [];
  const lineAt = lineCounter((from) => bytes.indexOf(newline, from));
  let recordStart = 0;
  const startLine = (): number => {
    while (bytes[recordStart] === newline || bytes[recordStart] === carriageReturn) recordStart += 1;
    return lineAt(recordStart);
  };
  try {
    parseCsvRecords(bytes, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (fields: string[], { bytes: recordEnd }) => {
        records.push({ fields, line: startLine() });
        recordStart = recordEnd;
        return null;
      },
    });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw invalidInput(`${name}, line ${startLine()}: not CSV (${csvProblems[code ?? ''] ?? message})`, {
      cause: error,
    });
  }
  return records;
}

const csvProblems: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  INVALID_OPENING_QUOTE: 'a quote within a field that does not begin with one',
  CSV_INVALID_CLOSING_QUOTE: 'text behind a closing quote',
};

function asRow(value: unknown, line: number, name: string): LocatedRow {
  if (!isObject(value)) throw invalidInput(`${name}, line ${line}: a row must be an object`);
  return { row: value, line };
}

/**
 * Line numbers, from 1, of offsets that are asked for in ascending order.
 * @param findLineBreak the offset of the first line break from an offset on, or -1
 */
function lineCounter(findLineBreak: (from: number) => number): (offset: number) => number {
  let line = 1;
  let next = findLineBreak(0);
  return (offset) => {
    for (; next !== -1 && next < offset; next = findLineBreak(next + 1)) line += 1;
    return line;
  };
}
