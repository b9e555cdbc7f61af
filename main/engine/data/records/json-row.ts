import { invalidInput, WorkbenchError } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import { parseJson, refuseHugeJson } from '../../formats/json-text.ts';
import { refuseManyColumns } from './columns.ts';
import { isWrittenFloat, readNumber } from '../../formats/written-number.ts';
import { inspectJson, repeatedKey, wordOutsideStrings } from './json-inspection.ts';

/**
 * A value of JSON, numbers as they are written. What JSON.parse lets pass and a reader would take in two ways is refused: a key twice,
 * half of a surrogate pair.
 * @param place file and line, for errors
 */
export const parseJsonValue = (text: string, place: string): unknown => {
  refuseHugeJson(text, place);
  const { members, hasOddNumbers, hasSurrogates } = inspectJson(text);
  const value = hasOddNumbers ? parseWithNumbers(text, place) : parse(text, place);
  if (countMembers(value) !== members)
    throw invalidInput(`${place}: an object has the key "${repeatedKey(text)}" twice`);
  if (hasSurrogates && !isWellFormed(value))
    throw invalidInput(
      `${place}: a text has half of a surrogate pair (\\ud800 and the like), which is no character`,
    );
  return value;
};

/** A row, as parseJsonValue reads it. */
export const parseJsonRow = (text: string, place: string): Record<string, unknown> => {
  if (text === '') throw invalidInput(`${place}: a row is missing between two commas or behind the last`);
  const value = parseJsonValue(text, place);
  if (!isObject(value)) throw invalidInput(`${place}: a row must be an object`);
  refuseManyColumns(Object.keys(value).length, place);
  return value;
};

/** Python writes these, and JSON has no such numbers. */
const foreignNumbers = /NaN|-?Infinity/;

const parse = (text: string, place: string): unknown => {
  try {
    return parseJson(text, place);
  } catch (error) {
    const found = wordOutsideStrings(text, foreignNumbers);
    if (found === undefined) throw error;
    throw invalidInput(`${place}: ${found} is no number of JSON; write null, or leave the row out`, {
      cause: error,
    });
  }
};

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

const parseWithNumbers = (text: string, place: string): unknown => {
  const revive: Reviver = (_, value, { source }) => {
    if (typeof value !== 'number') return value;
    if (source === undefined) throw new TypeError('JSON.parse tells no sources: Node 24 is needed');
    const number = readNumber(source);
    if (number === undefined)
      throw invalidInput(`${place}: the number ${source} is too large; write it in quotes, as text`);
    return number;
  };
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof WorkbenchError || error instanceof TypeError) throw error;
    return parse(text, place);
  }
};

const countMembers = (value: unknown): number => {
  if (typeof value !== 'object' || value === null || isWrittenFloat(value)) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + countMembers(entry), 0);
  const entries = Object.values(value);
  return entries.reduce((sum: number, entry) => sum + countMembers(entry), entries.length);
};

const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, entry]) => key.isWellFormed() && isWellFormed(entry));
};
