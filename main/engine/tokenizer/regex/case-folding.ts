import type { CodePointRanges } from '../unicode/code-point-set.ts';
import type { Refuse } from './escapes.ts';
import { isClosedUnderCase } from './properties.ts';
import { rangesOf, union } from './ranges.ts';

/** Characters outside ASCII that fold to an ASCII letter: the long s and the Kelvin sign. */
const beyondAscii: Readonly<Record<string, number>> = { s: 0x17f, k: 0x212a };

/** Pairs of letters that one character (a ligature or the sharp s) folds to. */
const longFolds = new Set(['ff', 'fi', 'fl', 'ss', 'st']);

/** A letter with all its cases. */
export const foldLetter = (codePoint: number, refuse: Refuse): CodePointRanges => {
  const character = String.fromCodePoint(codePoint);
  if (codePoint >= 0x80) {
    const isCased = character.toLowerCase() !== character || character.toUpperCase() !== character;
    if (isCased) throw refuse(`${character} where case is ignored`);
    return rangesOf(codePoint);
  }
  const lower = character.toLowerCase();
  const further = Object.hasOwn(beyondAscii, lower) ? [beyondAscii[lower]!] : [];
  return rangesOf(lower.charCodeAt(0), character.toUpperCase().charCodeAt(0), ...further);
};

/** A class with all cases of its letters: ASCII letters one by one, larger classes where they hold all cases anyway. */
export const foldRanges = (ranges: CodePointRanges, refuse: Refuse): CodePointRanges => {
  const letters: CodePointRanges[] = [];
  if (isClosedUnderCase(ranges)) return ranges;
  for (const [first, last] of ranges) {
    if (last >= 0x80) throw refuse('a class of letters outside ASCII where case is ignored');
    for (let codePoint = first; codePoint <= last; codePoint++) letters.push(foldLetter(codePoint, refuse));
  }
  return union(letters);
};

export const refuseLongFolds = (before: string, letter: string, refuse: Refuse): void => {
  const pair = (before + letter).toLowerCase();
  if (longFolds.has(pair)) throw refuse(`"${pair}" where case is ignored`);
};
