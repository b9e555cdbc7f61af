import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../main/engine/random.ts';
import { boundedExpression } from '../../../main/engine/regular-expressions/bounded-expression.ts';
import { inTime } from '../../support/refused-in-time.ts';

const matchesOf = (
  expression: { lastIndex: number; exec(text: string): { index: number; 0: string } | null },
  text: string,
): [number, string][] => {
  const found: [number, string][] = [];
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    found.push([match.index, match[0]]);
    if (match[0] === '') expression.lastIndex += (text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1;
  }
  return found;
};

const expressions = [
  'a|ab',
  '(?:a|ab)(?:c|bcd)(?:d*)',
  '(?:a*)*b',
  '(?:a|b|)+?c',
  '(?:a?){2,3}?b',
  '(?:a{0,2}b){1,}',
  '\\s+(?!\\S)|\\s+',
  '(?<=[a-c])(?=[^a-c])',
  '(?<!a|bb)c',
  '(?<=ab*)c',
  '^a|b$|\\bc|\\Bb',
  '(?:(?=(?<atomic1>a+))\\k<atomic1>)b',
  '(?:(?=(?<atomic1>(?:a|ab)))\\k<atomic1>)c?',
  '(?=(a|b))c*',
  '[^]b.',
  '(?:)',
  'x{3}|a{2,}',
  '(?!(?!a))',
];

describe('matches what JavaScript matches', () => {
  const random = createRandom(7);
  const letters = ['a', 'b', 'c', 'd', ' ', '\n', 'x', '𝒳', 'é'];
  const texts = Array.from({ length: 150 }, (_, length) =>
    Array.from({ length: length % 13 }, () => letters[random.integer(letters.length)]).join(''),
  );
  test.each(expressions)('%s', (source) => {
    for (const flags of ['', 'u']) {
      const bounded = boundedExpression(source, flags === 'u');
      for (const text of texts)
        expect(matchesOf(bounded, text), JSON.stringify(text)).toEqual(
          matchesOf(new RegExp(source, `g${flags}`), text),
        );
    }
  });
});

test.each([
  '(?:a+)+b',
  '(?:a|a)*b',
  '(?:a*)*b',
  '(?:a|aa)+b',
  '(?:.*a){12}b',
  'a*a*a*a*a*b',
  '(?:a?){60}a{60}b',
])('%s on thirty thousand letters', (source) => {
  const text = 'a'.repeat(30_000);
  const outcome = inTime(() => {
    try {
      return boundedExpression(source, true).exec(text);
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(outcome ?? 'no match').toMatch(/^no match$|takes too long on a text of 30000 characters$/);
});

test('nested repetitions are linear', () => {
  const text = 'a'.repeat(50_000);
  expect(boundedExpression('(?:a+)+b', true).exec(text)).toBeNull();
  expect(boundedExpression('(?:a|aa)+$', true).exec(text)?.[0]).toBe(text);
});

test.each([
  ['a{100000}', 'has too many repetitions'],
  ['(a)\\1', 'uses \\1'],
])('%s is refused', (source, told) => {
  expect(() => boundedExpression(source, true)).toThrow(told);
});
