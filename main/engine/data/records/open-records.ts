import { extname } from 'node:path';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { isSpace, type RecordForm } from './blocks.ts';
import type { ByteSource } from './byte-source.ts';
import type { SeparatorName } from './separators.ts';
import { refuseForeignBytes } from './foreign-bytes.ts';
import { csv } from './csv.ts';
import { jsonArray } from './json-array.ts';
import { jsonLines } from './json-lines.ts';

/**
 * How the records of a file are read, by the ending of its name.
 * @param separator of a CSV file; found out when undefined
 * @throws WorkbenchError for other endings, for what is no UTF-8 text, and files without a record
 */
export const openRecords = (
  source: ByteSource,
  name: string,
  separator: SeparatorName | undefined,
): RecordForm => {
  const ending = extname(name).toLowerCase();
  const open = Object.hasOwn(openers, ending) ? openers[ending] : undefined;
  if (open === undefined) refuseForeignBytes(source, name);
  if (open === undefined)
    throw new WorkbenchError('unsupported', `${name}: data must be a .jsonl, .json, .csv or .tsv file`);
  refuseForeignBytes(source, name);
  const form = open(source, textStart(source), name, separator);
  if (form === undefined) throw holdsNoRows(name);
  return form;
};

export const holdsNoRows = (name: string): WorkbenchError => invalidInput(`${name}: holds no rows`);

type Opener = (
  source: ByteSource,
  start: number,
  name: string,
  separator: SeparatorName | undefined,
) => RecordForm | undefined;

/** Many tools write JSON lines under the name .json. */
const openJson: Opener = (source, start, name) => {
  const first = firstNonSpace(source, start);
  if (first === undefined) return undefined;
  if (first.byte === 0x7b) return jsonLines(start);
  if (first.byte !== 0x5b) throw invalidInput(`${name}: must hold an array of objects`);
  return jsonArray(first.at + 1, first.line);
};

const openers: Readonly<Record<string, Opener>> = {
  '.jsonl': (_, start) => jsonLines(start),
  '.ndjson': (_, start) => jsonLines(start),
  '.json': openJson,
  '.csv': csv,
  '.tsv': (source, start, name, separator = 'tab') => csv(source, start, name, separator),
};

/** Behind the byte order mark, if there is one. */
const textStart = (source: ByteSource): number => {
  const [first, second, third] = source.read(0, 3);
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
};

const stride = 1 << 16;

const firstNonSpace = (
  source: ByteSource,
  start: number,
): { byte: number; at: number; line: number } | undefined => {
  let line = 1;
  for (let offset = start; offset < source.size; offset += stride)
    for (const [index, byte] of source.read(offset, stride).entries()) {
      if (!isSpace(byte)) return { byte, at: offset + index, line };
      if (byte === 0x0a) line += 1;
    }
  return undefined;
};
