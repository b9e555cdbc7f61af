import type { CodePointRanges } from '../unicode/code-point-set.ts';
import { readEscapedCharacter, type Cursor, type Refuse } from './escapes.ts';
import { bracketRanges, propertyRanges, shorthandRanges } from './properties.ts';
import { complement, intersection, union } from './ranges.ts';

export type { Cursor } from './escapes.ts';

/** Reads \p{Name}, \p{^Name} or \P{Name}, with the cursor on the backslash. */
export const propertyEscape = (cursor: Cursor, refuse: Refuse): CodePointRanges => {
  const text = cursor.characters.slice(cursor.at, cursor.at + 60).join('');
  const match = /^\\([pP])\{(\^?)([^}]+)\}/.exec(text);
  if (match === null) throw refuse(text.slice(0, 3));
  const [whole, letter, caret, name] = match;
  const ranges = propertyRanges(name!);
  if (ranges === undefined) throw refuse(`the property ${whole}`);
  cursor.at += whole.length;
  return (letter === 'P') !== (caret === '^') ? complement(ranges) : ranges;
};

/**
 * Reads a bracketed class, with the cursor on its opening bracket: ranges, escapes, classes inside, [:names:] and && for what two
 * sides share.
 * @param fold what makes a class of all cases of its letters, where case is ignored
 */
export const parseClass = (
  cursor: Cursor,
  refuse: Refuse,
  fold: (ranges: CodePointRanges, refuse: Refuse) => CodePointRanges = (ranges) => ranges,
): CodePointRanges => {
  const peek = (ahead = 0): string | undefined => cursor.characters[cursor.at + ahead];
  const item = (): CodePointRanges => {
    if (peek() === '[') return peek(1) === ':' ? bracket() : parseClass(cursor, refuse, fold);
    const next = peek(1);
    if (peek() === '\\' && (next === 'p' || next === 'P')) return propertyEscape(cursor, refuse);
    if (peek() === '\\' && next !== undefined && Object.hasOwn(shorthandRanges, next)) {
      cursor.at += 2;
      if (peek() === '-' && peek(1) !== ']') throw refuse('a range from a class');
      return shorthandRanges[next]!();
    }
    const first = character();
    if (peek() !== '-' || peek(1) === ']' || peek(1) === undefined) return [[first, first]];
    if (peek(1) === '[') throw refuse('a range to a class');
    cursor.at += 1;
    const last = character();
    if (last < first) throw refuse('a range that ends before it starts');
    return [[first, last]];
  };

  const character = (): number => {
    if (peek() === '\\') return readEscapedCharacter(cursor, refuse);
    const codePoint = peek()!.codePointAt(0)!;
    cursor.at += 1;
    return codePoint;
  };

  const bracket = (): CodePointRanges => {
    const match = /^\[:(\^?)(\w+):\]/.exec(cursor.characters.slice(cursor.at, cursor.at + 16).join(''));
    const ranges = match === null ? undefined : bracketRanges(match[2]!);
    if (match === null || ranges === undefined) throw refuse('a class [:name:] that is not known');
    cursor.at += match[0].length;
    return match[1] === '^' ? complement(ranges) : ranges;
  };

  cursor.at += 1;
  const isNegated = peek() === '^';
  if (isNegated) cursor.at += 1;
  if (peek() === ']') throw refuse('a class that begins with ]');

  const sides: CodePointRanges[] = [];
  let parts: CodePointRanges[] = [];
  while (peek() !== ']') {
    if (peek() === undefined) throw refuse('a class that is not closed');
    if (peek() === '&' && peek(1) === '&') {
      sides.push(union(parts));
      parts = [];
      cursor.at += 2;
      continue;
    }
    parts.push(fold(item(), refuse));
  }
  cursor.at += 1;
  sides.push(union(parts));
  const ranges = sides.reduce(intersection);
  return isNegated ? complement(ranges) : ranges;
};
