import { decodeUtf8 } from '../../formats/json-text.ts';
import { isSpace, type RecordForm, type RecordPlace, type Split } from './blocks.ts';
import { parseJsonRow } from './json-row.ts';

/**
 * The elements of an array, cut apart at the commas of its level without being parsed: so that a file need not fit into memory. What
 * is no JSON within an element is found when it is read.
 * @param start behind the opening bracket, in bytes
 * @param line of that place, from 1
 */
export const jsonArray = (start: number, line: number): RecordForm => ({
  start,
  line,
  mustClose: true,
  split: splitElements,
  parse: (bytes, place) => parseJsonRow(decodeUtf8(bytes, place).trim(), place),
});

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const newline = 0x0a;
const closingBracket = 0x5d;

const splitElements = (bytes: Uint8Array, atEnd: boolean): Split => {
  const records: RecordPlace[] = [];
  let depth = 0;
  let lines = 0;
  let consumed = { at: 0, lines: 0 };
  let first: RecordPlace | undefined;
  let followsComma = false;
  const close = (end: number): void => {
    records.push(first === undefined ? { start: end, end, line: lines } : { ...first, end });
    first = undefined;
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === newline) lines += 1;
    if (isSpace(byte)) continue;
    if (depth === 0 && byte === closingBracket) {
      // An empty array has no element; one behind the last comma is missing, as its reader says.
      if (first !== undefined || followsComma) close(at);
      return { records, consumed: at + 1, lines, closed: true };
    }
    if (depth === 0 && byte === comma) {
      close(at);
      followsComma = true;
      continue;
    }
    if (first === undefined) {
      first = { start: at, end: at, line: lines };
      // Not before: a comma with nothing behind it belongs to what is before it.
      if (followsComma) consumed = { at, lines };
      followsComma = false;
    }
    if (byte === quote) at = endOfString(bytes, at);
    else if (opens(byte)) depth += 1;
    else if (closes(byte)) depth = Math.max(0, depth - 1);
  }
  const whole = atEnd ? records : records.filter(({ end }) => end <= consumed.at);
  return { records: whole, consumed: consumed.at, lines: consumed.lines };
};

const opens = (byte: number): boolean => byte === 0x5b || byte === 0x7b;
const closes = (byte: number): boolean => byte === closingBracket || byte === 0x7d;

/** The quote that closes a string, or the end of the bytes. */
const endOfString = (bytes: Uint8Array, start: number): number => {
  for (let at = bytes.indexOf(quote, start + 1); at !== -1; at = bytes.indexOf(quote, at + 1)) {
    let before = at;
    while (bytes[before - 1] === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return bytes.length;
};
