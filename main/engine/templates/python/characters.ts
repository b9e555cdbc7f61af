/** What str.isspace and \s of Python's regular expressions hold: not JavaScript's \s, which has U+FEFF and lacks U+001C to U+001F and U+0085. */
export const spaceClass =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const spaces = new RegExp(`^[${spaceClass}]+$`);
const leadingSpaces = new RegExp(`^[${spaceClass}]+`);
const runsOfSpaces = new RegExp(`[${spaceClass}]+`);

export const isSpace = (text: string): boolean => spaces.test(text);

/** Whether all of it is ASCII without surrogates, so that code points are UTF-16 units. */

const isBasic = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

/** In code points, as Python counts. */
export const lengthOf = (text: string): number => (isBasic(text) ? text.length : Array.from(text).length);

/** Code points `start` to `end`. */
export const sliceText = (text: string, start: number, end: number): string =>
  isBasic(text) ? text.slice(start, end) : Array.from(text).slice(start, end).join('');

/** The UTF-16 index of a code point's index. */
export const unitIndexOf = (text: string, index: number): number => sliceText(text, 0, index).length;

/** Less than, equal or greater, by code points: UTF-16 would put U+FFFF behind all characters beyond it. */
export const compareText = (left: string, right: string): number => {
  if (left === right) return 0;
  if (isBasic(left) && isBasic(right)) return left < right ? -1 : 1;
  const [a, b] = [Array.from(left), Array.from(right)];
  const different = a.findIndex((character, index) => character !== b[index]);
  if (different === -1) return -1; // the left one is how the right one starts
  const other = b[different];
  return other === undefined ? 1 : a[different]!.codePointAt(0)! - other.codePointAt(0)!;
};

export type Side = 'both' | 'left' | 'right';

/** str.strip and its kin: takes off white space, or any of the characters given. */
export const strip = (text: string, characters: string | null, side: Side): string => {
  const all = Array.from(text);
  const goes =
    characters === null
      ? isSpace
      : (
          (set) =>
          (character: string): boolean =>
            set.has(character)
        )(new Set(characters));
  let start = 0;
  let end = all.length;
  if (side !== 'right') while (start < end && goes(all[start]!)) start += 1;
  if (side !== 'left') while (end > start && goes(all[end - 1]!)) end -= 1;
  return start === 0 && end === all.length ? text : all.slice(start, end).join('');
};

/** @param limit splits at most; -1 for all */
export const split = (text: string, separator: string | null, limit: number): string[] => {
  if (separator === null) return splitSpaces(text, limit);
  const parts: string[] = [];
  let at = 0;
  for (let count = 0; count !== limit; count += 1) {
    const found = text.indexOf(separator, at);
    if (found === -1) break;
    parts.push(text.slice(at, found));
    at = found + separator.length;
  }
  return [...parts, text.slice(at)];
};

const splitSpaces = (text: string, limit: number): string[] => {
  const parts: string[] = [];
  let rest = text.replace(leadingSpaces, '');
  for (let count = 0; rest !== '' && count !== limit; count += 1) {
    const found = runsOfSpaces.exec(rest);
    if (found === null) return [...parts, rest];
    parts.push(rest.slice(0, found.index));
    rest = rest.slice(found.index + found[0].length);
  }
  // What is left over when the limit is reached keeps its own trailing space.
  return rest === '' ? parts : [...parts, rest];
};

/** As split, from the end. */
export const splitFromEnd = (text: string, separator: string | null, limit: number): string[] => {
  if (limit < 0) return split(text, separator, limit);
  const turned = (value: string): string => Array.from(value).reverse().join('');
  return split(turned(text), separator === null ? null : turned(separator), limit)
    .map(turned)
    .reverse();
};

/** All that str.splitlines ends a line at. */
const lineEnds = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

export const splitLines = (text: string, keepEnds = false): string[] => {
  const lines: string[] = [];
  let at = 0;
  for (const { 0: end, index } of text.matchAll(lineEnds)) {
    lines.push(text.slice(at, keepEnds ? index + end.length : index));
    at = index + end.length;
  }
  return at < text.length ? [...lines, text.slice(at)] : lines;
};
