import { endOfString } from '../../formats/json-scan.ts';

/** What JSON.parse does not tell about a text. */
export interface JsonInspection {
  /** Key and value pairs, of objects at any depth. */
  readonly members: number;
  /** Whether there is a number that JavaScript would write in another way, as 1.0 and 12345678901234567890. */
  readonly hasOddNumbers: boolean;
  /** Whether a text has the escape of half a surrogate pair. */
  readonly hasSurrogates: boolean;
}

const quote = 0x22;
const colon = 0x3a;

/** Goes over what stands outside strings; strings are leapt over. */
export const inspectJson = (text: string): JsonInspection => {
  let members = 0;
  let hasOddNumbers = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === colon) members += 1;
    else if (code === quote) at = endOfString(text, at);
    else if (isDigit(code)) {
      const start = at;
      while (isOfNumber(text.charCodeAt(at + 1))) at += 1;
      hasOddNumbers ||= String(Number(text.slice(start, at + 1))) !== text.slice(start, at + 1);
    }
  }
  return { members, hasOddNumbers, hasSurrogates: /\\u[dD][89a-fA-F]/.test(text) };
};

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const marks = new Set(Array.from('.eE+-', (mark) => mark.charCodeAt(0)));
const isOfNumber = (code: number): boolean => isDigit(code) || marks.has(code);

/** The key that an object has twice; undefined where none has. @param json a text known to be JSON */
export const repeatedKey = (json: string): string | undefined => {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') open.push(new Set());
    if (character === '}') open.pop();
    if (character !== '"') continue;
    const start = at;
    at = endOfString(json, start);
    if (!/^\s*:/.test(json.slice(at + 1, at + 100))) continue;
    const key = JSON.parse(json.slice(start, at + 1)) as string;
    if (open.at(-1)?.has(key)) return key;
    open.at(-1)?.add(key);
  }
  return undefined;
};

/** The first match outside strings. */
export const wordOutsideStrings = (text: string, word: RegExp): string | undefined => {
  let start = 0;
  while (start < text.length) {
    const opening = text.indexOf('"', start);
    const end = opening === -1 ? text.length : opening;
    const [found] = word.exec(text.slice(start, end)) ?? [];
    if (found !== undefined) return found;
    start = opening === -1 ? end : endOfString(text, opening) + 1;
  }
  return undefined;
};
