import { expect, test } from 'vitest';
import { invalidInput } from '../../main/engine/errors.ts';
import { explainError } from '../../main/engine/formats/explain-error.ts';
import { plainLine, plainLines, plainName } from '../../main/engine/plain-line.ts';

test.each([
  ['a\nb\r\n\tc', 'a b c'],
  ['\u001b[31mred\u0007', '\\u{1b}[31mred\\u{7}'],
  ['ab\u202egpj.exe', 'ab\\u{202e}gpj.exe'],
  ['half \ud800 of', 'half \\u{d800} of'],
  ['𝒳 é 中 👩‍🚀', '𝒳 é 中 👩‍🚀'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
])('%j is shown as %s', (text, shown) => expect(plainLine(text)).toBe(shown));

test('a message of 30 MB is cut, and says so', () => {
  const { message } = explainError(invalidInput('x'.repeat(30_000_000)));
  expect(message).toBe(`${'x'.repeat(2000)}… (cut, 30,000,000 characters)`);
});

test('lines stay lines for a terminal, and are not steered', () => {
  expect(plainLines('a\u001b[2J\n\tb')).toBe('a\\u{1b}[2J\n  b');
  expect(plainLines('a,b\r\nc\rd\r\n')).toBe('a,b\r\nc\\u{d}d\r\n');
});

test('a name is kept without what is not seen', () => {
  expect(plainName('a\nb\u202e\u0000c')).toBe('a bc');
});

test('deep nesting and texts without end are told in words', () => {
  const deep = (): unknown => [deep()];
  const thrown = (work: () => unknown): string => {
    try {
      work();
      return '';
    } catch (error) {
      return explainError(error).message;
    }
  };
  expect(thrown(deep)).toBe('what was given has parts too deep within each other');
  expect(thrown(() => 'a'.repeat(2 ** 30))).toBe(
    'a text became longer than can be held; what was given is too large',
  );
});
