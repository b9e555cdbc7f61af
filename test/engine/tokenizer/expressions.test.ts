import { describe, expect, test } from 'vitest';
import { boundedExpression } from '../../../main/engine/regular-expressions/bounded-expression.ts';
import { expressionOf } from '../../../main/engine/tokenizer/regex/expression-of.ts';
import { translateOniguruma } from '../../../main/engine/tokenizer/regex/oniguruma.ts';
import { publishedExpressions } from '../../../main/engine/tokenizer/regex/published-expressions.ts';
import { regexSpans } from '../../../main/engine/tokenizer/spans.ts';
import { texts, tokenizers } from './fixtures.ts';
import { inTime } from '../../support/refused-in-time.ts';

const inFixtures = new Set(
  [...JSON.stringify(tokenizers).matchAll(/"Regex":("(?:[^"\\]|\\.)*")/g)].map(
    ([, text]) => JSON.parse(text!) as string,
  ),
);

describe.each([...new Set([...publishedExpressions, ...inFixtures])])('%s', (pattern) => {
  test('the bounded engine finds the matches of V8', () => {
    const translated = translateOniguruma(pattern);
    const [native, bounded] = [
      regexSpans(translated),
      regexSpans(boundedExpression(translated.source, true)),
    ];
    for (const text of texts) expect(bounded(text), text).toEqual(native(text));
  });
});

/** Runs that end in something else, which is where a repetition is given back one by one. */
const misleading = [
  ' ',
  '\n',
  ' \n',
  'a',
  'A',
  'Aa',
  'é',
  '\u0301',
  '中',
  '1',
  '!',
  "'",
  "'s",
  '\u00a0',
  '<|startoftext|',
  'ʰ',
].flatMap((run) => ['x', '!', ' ', '\n', ''].map((end) => run.repeat(50_000) + end));

test.each([...publishedExpressions])('%s is linear in V8 too', (pattern) => {
  expect(typeof expressionOf(pattern)).toBe('object');
  expect(expressionOf(pattern)).toBeInstanceOf(RegExp);
  const find = regexSpans(expressionOf(pattern));
  for (const text of misleading) {
    inTime(() => find(text));
  }
});

test.each([String.raw`(\w+\s?)+$`, String.raw`(a|aa)+\z`, String.raw`(?:\p{L}*)*!`])(
  '%s, which nobody published, takes bounded time',
  (pattern) => {
    inTime(() => regexSpans(expressionOf(pattern))(`${'a'.repeat(20_000)}?`));
  },
);

test('an expression of 2,001 characters is refused', () => {
  expect(() => expressionOf('('.repeat(2001))).toThrow(
    'a regular expression has 2001 characters; 2000 are read',
  );
  expect(() => expressionOf('['.repeat(2000))).toThrow('which this version does not translate');
  expect(() => expressionOf('('.repeat(2000))).toThrow('which this version does not translate');
});
