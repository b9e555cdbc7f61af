import { decodeUtf8 } from '../../formats/json-text.ts';
import { isBlank, type RecordForm, type RecordPlace, type Split } from './blocks.ts';
import { parseJsonRow } from './json-row.ts';

const newline = 0x0a;

/** An object a line; blank lines are none. @param start behind the byte order mark, in bytes */
export const jsonLines = (start: number): RecordForm => ({
  start,
  line: 1,
  mustClose: false,
  split: splitLines,
  parse: (bytes, place) => parseJsonRow(decodeUtf8(bytes, place).trim(), place),
});

const splitLines = (bytes: Uint8Array, atEnd: boolean): Split => {
  const records: RecordPlace[] = [];
  let start = 0;
  let line = 0;
  for (let found = bytes.indexOf(newline); found !== -1; found = bytes.indexOf(newline, start)) {
    if (!isBlank(bytes, start, found)) records.push({ start, end: found, line });
    start = found + 1;
    line += 1;
  }
  if (!atEnd) return { records, consumed: start, lines: line };
  if (!isBlank(bytes, start)) records.push({ start, end: bytes.length, line });
  return { records, consumed: bytes.length, lines: line };
};
