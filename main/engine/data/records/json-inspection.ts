/** What JSON.parse does not tell about a text. */
export interface JsonInspection {
  /** Key and value pairs, of objects at any depth. */
  readonly members: number;
  /** Whether a number has a point, an exponent, or more digits than every double keeps. */
  readonly hasLongNumbers: boolean;
  /** Whether a text has the escape of half a surrogate pair. */
  readonly hasSurrogates: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const point = 0x2e;
/** Every whole number of so many digits is a double. */
const mostDigits = 15;

/** Goes over what stands outside strings; strings are leapt over. */
export const inspectJson = (text: string): JsonInspection => {
  let members = 0;
  let hasLongNumbers = false;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      digits += 1;
      if (digits > mostDigits) hasLongNumbers = true;
      continue;
    }
    if (code === point || (digits > 0 && (code | 0x20) === 0x65)) hasLongNumbers = true;
    else if (code === colon) members += 1;
    else if (code === quote) at = endOfString(text, at);
    digits = 0;
  }
  return { members, hasLongNumbers, hasSurrogates: /\\u[dD][89a-fA-F]/.test(text) };
};

/** The quote that closes a string, or the end of the text. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return text.length;
};

const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g;

/** The key that an object has twice; undefined where none has. @param json a text known to be JSON */
export const repeatedKey = (json: string): string | undefined => {
  const open: Set<string>[] = [];
  for (const [token, text, isKey] of json.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    if (token === '}') open.pop();
    if (text === undefined || isKey === undefined) continue;
    const key = JSON.parse(text) as string;
    if (open.at(-1)?.has(key)) return key;
    open.at(-1)?.add(key);
  }
  return undefined;
};

/** The first match outside strings. */
export const wordOutsideStrings = (text: string, word: RegExp): string | undefined =>
  word.exec(text.replaceAll(tokens, (token, string?: string) => (string === undefined ? token : '""')))?.[0];
