import { invalidInput } from '../errors.ts';
import { isObject } from '../json-value.ts';
import { readRegularFile } from './regular-file.ts';

/** Reads a file that must hold a JSON object. Errors name the file. */
export const readJsonObject = (path: string): Record<string, unknown> => {
  const value = parseJson(readText(path), path);
  if (!isObject(value)) throw invalidInput(`${path}: must hold a JSON object`);
  return value;
};

/** A file's UTF-8 text, without a byte order mark. */
export const readText = (path: string): string => decodeUtf8(readRegularFile(path), path);

/** @param place what errors name: the file, and the line where that is known */
export const decodeUtf8 = (bytes: Uint8Array, place: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidInput(`${place}: not UTF-8 text`, { cause: error });
  }
};

export const parseJson = (text: string, place: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(`${place}: not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')})`, {
      cause: error,
    });
  }
};

/**
 * Where the members of the outermost object, or the elements of the outermost array, start in a text known to be JSON.
 * JSON.parse tells neither duplicate keys nor lines; these offsets do.
 */
export const topLevelItemOffsets = (json: string): number[] => {
  const offsets: number[] = [];
  const structure = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|,|[^\s[\]{},"]+/g;
  let depth = 0;
  let expectsItem = false;
  for (const { 0: token, index } of json.matchAll(structure)) {
    const closes = token === ']' || token === '}';
    if (depth === 1 && expectsItem && !closes) {
      offsets.push(index);
      expectsItem = false;
    }
    if (token === '[' || token === '{') {
      depth += 1;
      if (depth === 1) expectsItem = true;
    } else if (closes) {
      depth -= 1;
    } else if (token === ',' && depth === 1) {
      expectsItem = true;
    }
  }
  return offsets;
};

/**
 * The text of a JSON object with one flag of it set, or put first where it is not there. Parsing and writing it again would change
 * how numbers stand: 30.0 becomes 30, which strict readers take for another type.
 */
export const withTopLevelFlag = (json: string, key: string, value: boolean): string => {
  const offsets = topLevelItemOffsets(json);
  const member = new RegExp(`${JSON.stringify(key)}\\s*:\\s*(?:true|false|null)`, 'y');
  const written = `${JSON.stringify(key)}: ${value}`;
  for (const offset of offsets) {
    member.lastIndex = offset;
    const [found] = member.exec(json) ?? [];
    if (found !== undefined) return json.slice(0, offset) + written + json.slice(offset + found.length);
  }
  const [first = json.indexOf('}')] = offsets;
  const separator = offsets.length === 0 ? '' : `,\n  `;
  return json.slice(0, first) + written + separator + json.slice(first);
};
