import { constants } from 'node:buffer';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { isObject } from '../json-value.ts';
import { endOfString, passedLimit } from './json-scan.ts';
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
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw new WorkbenchError(
      'unsupported',
      `${place}: has ${Math.ceil(bytes.length / 2 ** 20)} MiB of text; ${Math.floor(constants.MAX_STRING_LENGTH / 2 ** 20)} MiB can be read at once`,
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidInput(`${place}: not UTF-8 text; save it as UTF-8`, { cause: error });
  }
};

/** Values within each other: what goes through them by functions within functions would run out of stack. */
const deepest = 500;
/** A tokenizer.json of half a million merges has three million. */
const mostValues = 10_000_000;

/** @throws WorkbenchError for a text that would be too deep or too many values once it is parsed, which its size does not tell */
export const refuseHugeJson = (text: string, place: string): void => {
  if (text.length <= deepest) return;
  const passed = passedLimit(text, { depth: deepest, values: mostValues });
  if (passed === 'depth')
    throw invalidInput(`${place}: has lists or objects more than ${deepest} deep within each other`);
  if (passed === 'values')
    throw new WorkbenchError(
      'unsupported',
      `${place}: has more than ${mostValues.toLocaleString('en')} values, which is more than can be read at once`,
    );
};

/** @throws WorkbenchError naming the place where it is not JSON, or too much of it */
export const parseJson = (text: string, place: string): unknown => {
  refuseHugeJson(text, place);
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
  let depth = 0;
  let expectsItem = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at]!;
    if (/\s/.test(character)) continue;
    const closes = character === ']' || character === '}';
    if (depth === 1 && expectsItem && !closes) {
      offsets.push(at);
      expectsItem = false;
    }
    if (character === '"') at = endOfString(json, at);
    else if (closes) depth -= 1;
    else if (character === ',') expectsItem = depth === 1;
    else if (character === '[' || character === '{') {
      depth += 1;
      expectsItem = depth === 1;
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
