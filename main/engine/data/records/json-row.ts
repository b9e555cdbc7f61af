import { invalidInput } from '../../errors.ts';
import { isObject, parseJson } from '../../formats/json-text.ts';

/** @param place file and line, for errors */
export const parseJsonRow = (text: string, place: string): Record<string, unknown> => {
  if (text === '') throw invalidInput(`${place}: a row is missing between two commas or behind the last`);
  const value = parseJson(text, place);
  if (!isObject(value)) throw invalidInput(`${place}: a row must be an object`);
  return value;
};
