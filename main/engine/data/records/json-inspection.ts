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
const backslash = 0x5c;
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
