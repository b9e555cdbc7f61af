import { spendCharacters } from '../work.ts';
import { lengthOf } from './characters.ts';

/** Where the title form of a character is not its upper form; digraphs and Greek letters with an iota below, from Unicode's tables. */
const titleForms = new Map<string, string>();
for (const [first, middle] of [
  [0x1c4, 0x1c5],
  [0x1c7, 0x1c8],
  [0x1ca, 0x1cb],
  [0x1f1, 0x1f2],
] as const)
  for (let code = first; code < first + 3; code += 1)
    titleForms.set(String.fromCodePoint(code), String.fromCodePoint(middle));
for (let code = 0x1f80; code <= 0x1faf; code += 1)
  titleForms.set(String.fromCodePoint(code), String.fromCodePoint(code | 8));
for (const [small, capital] of ['ᾳᾼ', 'ῃῌ', 'ῳῼ'].map((pair) => Array.from(pair) as [string, string])) {
  titleForms.set(small, capital).set(capital, capital);
  titleForms.set(String.fromCodePoint(small.codePointAt(0)! + 4), `${capital}\u0342`);
  for (const offset of [-1, 1]) {
    const accented = String.fromCodePoint(small.codePointAt(0)! + offset);
    titleForms.set(accented, `${Array.from(accented.toUpperCase())[0]!}\u0345`);
  }
}

const georgian = /^[\u10d0-\u10fa\u10fd-\u10ff]$/;

const titleCharacter = (character: string): string => {
  const form = titleForms.get(character);
  if (form !== undefined) return form;
  if (georgian.test(character)) return character;
  const [first = '', ...rest] = Array.from(character.toUpperCase());
  return first + rest.join('').toLowerCase();
};

/** str.capitalize: the first character in its title form, the rest in lower case. */
export const capitalize = (text: string): string => {
  const [first] = Array.from(text.slice(0, 2));
  if (first === undefined) return '';
  return titleCharacter(first) + lowerPart(text, first.length, text.length);
};

/** str.title: the first letter of each run of cased characters in its title form, the others in lower case. */
export const titleCase = (text: string): string =>
  text.replaceAll(
    /\p{Cased}+/gu,
    (run, at: number) =>
      titleCharacter(Array.from(run)[0]!) + lowerPart(text, at + Array.from(run)[0]!.length, at + run.length),
  );

/** Part of a text in lower case, as it is in the whole: what a sigma becomes depends on the letters around it, but not its length. */
const lowerPart = (text: string, start: number, end: number): string => {
  const before = text.slice(0, start).toLowerCase().length;
  return text.toLowerCase().slice(before, before + text.slice(start, end).toLowerCase().length);
};

export const swapCase = (text: string): string =>
  text.replaceAll(/\p{Uppercase}|\p{Lowercase}/gu, (character, at: number) =>
    /^\p{Lowercase}$/u.test(character) ? character.toUpperCase() : lowerPart(text, at, at + character.length),
  );

/** str.isupper: something cased in it, and all of that in upper case. */
export const isUpper = (text: string): boolean =>
  /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);

export const isLower = (text: string): boolean =>
  /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);

/** str.istitle: upper case only where no cased character comes before, lower case only where one does. */
export const isTitle = (text: string): boolean => {
  let previousCased = false;
  let some = false;
  for (const character of text) {
    const upper = /^[\p{Uppercase}\p{Lt}]$/u.test(character);
    const lower = /^\p{Lowercase}$/u.test(character);
    if ((upper && previousCased) || (lower && !previousCased)) return false;
    previousCased = upper || lower;
    some ||= previousCased;
  }
  return some;
};

/** What counts as a digit without being decimal, such as superscripts and circled numbers. */
const otherDigits =
  '\\xb2\\xb3\\xb9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792\\u{10a40}-\\u{10a43}\\u{10e60}-\\u{10e68}\\u{11052}-\\u{1105a}\\u{1f100}-\\u{1f10a}';
const digits = new RegExp(`^[\\p{Nd}${otherDigits}]+$`, 'u');

export const isDigit = (text: string): boolean => digits.test(text);
export const isDecimal = (text: string): boolean => /^\p{Nd}+$/u.test(text);
export const isAlphabetic = (text: string): boolean => /^\p{L}+$/u.test(text);
export const isAlphanumeric = (text: string): boolean => /^[\p{L}\p{N}]+$/u.test(text);
export const isPrintable = (text: string): boolean => /^(?:[^\p{C}\p{Z}]| )*$/u.test(text);

export const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** @param width in code points */
export const pad = (
  text: string,
  width: number,
  fill: string,
  where: 'left' | 'right' | 'center',
): string => {
  const missing = Math.max(0, width - lengthOf(text));
  spendCharacters(text.length + missing);
  const left =
    where === 'left'
      ? missing
      : where === 'right'
        ? 0
        : // CPython's rounding: an odd rest goes to the left where the width is odd too.
          Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
};
