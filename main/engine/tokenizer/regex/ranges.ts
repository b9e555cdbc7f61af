import type { CodePointRanges } from '../unicode/code-point-set.ts';

const lastCodePoint = 0x10ffff;

export const rangesOf = (...codePoints: readonly number[]): CodePointRanges =>
  union(codePoints.map((codePoint): CodePointRanges => [[codePoint, codePoint]]));

/** All that is in one of them, sorted and joined. */
export const union = (parts: readonly CodePointRanges[]): CodePointRanges => {
  const joined: [number, number][] = [];
  for (const [first, last] of parts.flat().toSorted((left, right) => left[0] - right[0])) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([first, last]);
  }
  return joined;
};

export const complement = (ranges: CodePointRanges): CodePointRanges => {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) rest.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCodePoint) rest.push([next, lastCodePoint]);
  return rest;
};

export const intersection = (left: CodePointRanges, right: CodePointRanges): CodePointRanges =>
  complement(union([complement(left), complement(right)]));

/** A character class of JavaScript, for regular expressions with the flag u. */
export const classSource = (ranges: CodePointRanges): string => {
  if (ranges.length === 0) return '[]';
  const spelled = ranges.map(([first, last]) =>
    first === last ? spell(first) : `${spell(first)}-${spell(last)}`,
  );
  return `[${spelled.join('')}]`;
};

/** A character as JavaScript's regular expressions take it everywhere. */
export const spell = (codePoint: number): string => `\\u{${codePoint.toString(16)}}`;
