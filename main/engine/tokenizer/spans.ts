import type { Expression } from '../regular-expressions/bounded-expression.ts';
import { unitsAt, type Span } from './aligned-text.ts';

/** Cuts a text into matches and what lies between. Covers the text in order. */
export type SpanFinder = (text: string) => Span[];

/** V8 finds empty matches of some lookaheads between the halves of a surrogate pair, even with the flag u. */
const isInsidePair = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000 && at > 0 && unitsAt(text, at - 1) === 2;
};

/**
 * Spans of a regular expression with the flag g. As Oniguruma's iterator in the crate, an empty match right behind the last match
 * does not count.
 */
export const regexSpans =
  (expression: Expression): SpanFinder =>
  (text) => {
    const spans: Span[] = [];
    if (text === '') return [{ start: 0, end: 0, isMatch: false }];
    let previous = 0;
    let lastEnd = -1;
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      const { index } = match;
      const end = index + match[0].length;
      if (isInsidePair(text, index)) {
        expression.lastIndex = index + 1;
        continue;
      }
      if (end === index) {
        expression.lastIndex = end + (end < text.length ? unitsAt(text, end) : 1);
        if (end === lastEnd) continue;
        expression.lastIndex = end;
      }
      if (previous !== index) spans.push({ start: previous, end: index, isMatch: false });
      spans.push({ start: index, end, isMatch: true });
      previous = end;
      lastEnd = end;
    }
    if (previous !== text.length) spans.push({ start: previous, end: text.length, isMatch: false });
    return spans;
  };

/** Each character that `matches` says yes to is a match of its own. */
export const characterSpans = (matches: (codePoint: number) => boolean): SpanFinder => {
  let ascii: readonly boolean[] | undefined;
  return (text) => {
    if (text === '') return [{ start: 0, end: 0, isMatch: false }];
    ascii ??= Array.from({ length: 0x80 }, (_, codePoint) => matches(codePoint));
    const spans: Span[] = [];
    let previous = 0;
    for (let at = 0; at < text.length;) {
      const unit = text.charCodeAt(at);
      const codePoint = unit < 0xd800 ? unit : text.codePointAt(at)!;
      const end = at + (codePoint > 0xffff ? 2 : 1);
      if (codePoint < 0x80 ? ascii[codePoint]! : matches(codePoint)) {
        if (previous < at) spans.push({ start: previous, end: at, isMatch: false });
        spans.push({ start: at, end, isMatch: true });
        previous = end;
      }
      at = end;
    }
    if (previous < text.length) spans.push({ start: previous, end: text.length, isMatch: false });
    return spans;
  };
};

export const stringSpans =
  (searched: string): SpanFinder =>
  (text) => {
    if (text === '') return [{ start: 0, end: 0, isMatch: false }];
    const spans: Span[] = [];
    let previous = 0;
    for (let at = text.indexOf(searched); at !== -1; at = text.indexOf(searched, previous)) {
      if (previous !== at) spans.push({ start: previous, end: at, isMatch: false });
      previous = at + searched.length;
      spans.push({ start: at, end: previous, isMatch: true });
    }
    if (previous !== text.length) spans.push({ start: previous, end: text.length, isMatch: false });
    return spans;
  };

export const inverted =
  (find: SpanFinder): SpanFinder =>
  (text) =>
    find(text).map(({ start, end, isMatch }) => ({ start, end, isMatch: !isMatch }));

export const splitBehaviours = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type SplitBehaviour = (typeof splitBehaviours)[number];

interface Cut {
  readonly start: number;
  readonly end: number;
}

/** Joins a span to the one before it in the list where `joins` says so of both. */
const joined = (
  spans: readonly Span[],
  joins: (isMatch: boolean, previousIsMatch: boolean) => boolean,
): Cut[] => {
  const cuts: Cut[] = [];
  let previousIsMatch = false;
  for (const { start, end, isMatch } of spans) {
    const last = cuts.at(-1);
    if (joins(isMatch, previousIsMatch) && last !== undefined)
      cuts[cuts.length - 1] = { start: Math.min(start, last.start), end: Math.max(end, last.end) };
    else cuts.push({ start, end });
    previousIsMatch = isMatch;
  }
  return cuts;
};

const isFirstMatch = (isMatch: boolean, previousIsMatch: boolean): boolean => isMatch && !previousIsMatch;

/** What is left of the spans of a delimiter. */
export const cutsFor: Record<SplitBehaviour, (spans: readonly Span[]) => readonly Cut[]> = {
  Removed: (spans) => spans.filter(({ isMatch }) => !isMatch),
  Isolated: (spans) => spans,
  Contiguous: (spans) => joined(spans, (isMatch, previousIsMatch) => isMatch === previousIsMatch),
  MergedWithPrevious: (spans) => joined(spans, isFirstMatch),
  MergedWithNext: (spans) => joined(spans.toReversed(), isFirstMatch).reverse(),
};
