import { describe, expect, test } from 'vitest';
import { translateOniguruma } from '../../../main/engine/tokenizer/regex/oniguruma.ts';

const matches = (pattern: string, text: string): string[] => text.match(translateOniguruma(pattern)) ?? [];

describe('as Oniguruma matches, where JavaScript would not', () => {
  test.each<[what: string, pattern: string, text: string, expected: string[]]>([
    ['\\s takes U+0085 and leaves U+FEFF', String.raw`\s`, 'a\u0085b\ufeffc\u00a0', ['\u0085', '\u00a0']],
    ['\\d is every decimal digit', String.raw`\d+`, '1٣½2', ['1٣', '2']],
    [
      '\\w takes letters, marks, numbers and connectors',
      String.raw`\w+`,
      'na\u0308if_é½ x-y',
      ['na\u0308if_é½', 'x', 'y'],
    ],
    ['\\h is a hexadecimal digit', String.raw`\h+`, 'fg09', ['f', '09']],
    ['the dot leaves out only the line feed', '.+', 'a\r\u2028b\nc', ['a\r\u2028b', 'c']],
    ['^ and $ are of lines', '^.|.$', 'ab\ncd', ['a', 'b', 'c', 'd']],
    ['\\A, \\z and \\Z are of the text', String.raw`\A.|.\z|.\Z`, 'ab\ncd\n', ['a', 'd']],
    ['atomic groups', '(?>a|ab)c', 'abc ac', ['ac']],
    ['possessive quantifiers', 'a++a|a?+b|[bc]*+d', 'aaab', ['ab']],
    ['an interval with + behind it is repeated', '(?:a{1,2}+)', 'aaaaa', ['aaaaa']],
    ['{,2} is at most two', 'xa{,2}', 'xaaa', ['xaa']],
    ['other braces are text', 'a{b}{', 'a{b}{', ['a{b}{']],
    ['case is ignored in a group only', "(?i:'s|k)S", "'ss 'Ss 'SS 'ſS KS", ["'SS", "'ſS", 'KS']],
    ['(?i) holds to the end of the group', 'a(?i)b|c', 'aB C aC', ['aB', 'aC']],
    ['classes inside classes', '[a-e&&[^c]]+', 'abcde', ['ab', 'de']],
    ['names in brackets', '[[:punct:]]+|[[:^space:]]', 'a+« b', ['a', '+«', 'b']],
    ['properties by loose names', String.raw`\p{Lowercase_Letter}|\p{^L}|\P{han}`, 'a1A中', ['a', '1', 'A']],
    ['\\R', String.raw`\R`, 'a\r\nb\u2028', ['\r\n', '\u2028']],
    ['numbers of characters', String.raw`\x41\x{1F600}\u00e9\t`, 'A\u{1F600}é\t', ['A\u{1F600}é\t']],
    ['comments', 'a(?#b)c', 'ac', ['ac']],
    ['named groups only group', '(?<year>[0-9])(x)', '1x', ['1x']],
  ])('%s', (_, pattern, text, expected) => {
    expect(matches(pattern, text)).toEqual(expected);
  });
});

test.each([
  [String.raw`a\1`, String.raw`\1`],
  [String.raw`\X`, String.raw`\X`],
  [String.raw`\Ga`, String.raw`\G`],
  ['(?x)a b', 'extended syntax'],
  ['(?~a)', 'the group (?~a'],
  [String.raw`\p{Nonsense}`, String.raw`the property \p{Nonsense}`],
  ['(?i:ss)', '"ss" where case is ignored'],
  ['(?i:é)', 'é where case is ignored'],
  ['(?<=(?>a))b', 'an atomic group in a look-behind'],
  ['(a', 'not closed'],
  ['a)', 'without its opening one'],
  ['*a', 'the quantifier *'],
  ['[a', 'a class that is not closed'],
  ['[]a]', 'begins with ]'],
  ['[z-a]', 'a range that ends'],
])('%s is refused, naming what', (pattern, construct) => {
  expect(() => translateOniguruma(pattern)).toThrow(construct);
});
