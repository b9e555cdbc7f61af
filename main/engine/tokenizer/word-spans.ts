import { regexSpans, type SpanFinder } from './spans.ts';
import { classSource, complement, union } from './regex/ranges.ts';
import { tableRanges } from './unicode/code-point-set.ts';

let find: SpanFinder | undefined;

/** Spans of \w+|[^\w\s]+ with the classes of the `regex` crate. */
export const wordSpans: SpanFinder = (text) => {
  find ??= (() => {
    const word = tableRanges('word');
    const other = complement(union([word, tableRanges('whiteSpace')]));
    return regexSpans(new RegExp(`${classSource(word)}+|${classSource(other)}+`, 'gu'));
  })();
  return find(text);
};
