import type { Span } from './aligned-text.ts';
import type { SpanFinder } from './spans.ts';
import { isWhiteSpace, isWord } from './unicode/classes.ts';

type Kind = 'space' | 'word' | 'other';

const kindOf = (codePoint: number): Kind =>
  isWord(codePoint) ? 'word' : isWhiteSpace(codePoint) ? 'space' : 'other';

let ascii: readonly Kind[] | undefined;

/** Spans of \w+|[^\w\s]+ with the classes of the `regex` crate. */
export const wordSpans: SpanFinder = (text) => {
  ascii ??= Array.from({ length: 0x80 }, (_, codePoint) => kindOf(codePoint));
  const spans: Span[] = [];
  let start = 0;
  let kind: Kind = 'space';
  for (let at = 0; at < text.length;) {
    const codePoint = text.codePointAt(at)!;
    const next = codePoint < 0x80 ? ascii[codePoint]! : kindOf(codePoint);
    if (next !== kind) {
      if (start < at) spans.push({ start, end: at, isMatch: kind !== 'space' });
      start = at;
      kind = next;
    }
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (start < text.length) spans.push({ start, end: text.length, isMatch: kind !== 'space' });
  return spans;
};
