import { describe, expect, test } from 'vitest';
import { readTokenizerJson } from '../../../main/engine/tokenizer/tokenizer-json.ts';
import { inTime, refusedInTime } from '../../support/refused-in-time.ts';

const vocab = { a: 0, b: 1, '<unk>': 2 };
const tokenizer = (parts: Record<string, unknown>): Record<string, unknown> => ({
  model: { type: 'WordLevel', vocab, unk_token: '<unk>' },
  ...parts,
});
const added = (id: number): Record<string, unknown> => ({
  id,
  content: '<x>',
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});
const replace = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
const spellBytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
const encode = (parts: Record<string, unknown>, text: string): unknown =>
  readTokenizerJson(tokenizer(parts), 'tokenizer.json').encode(text, null, {
    addSpecialTokens: true,
    withOffsets: true,
  });

describe('ids that tables would be as long as', () => {
  test('of an added token', () =>
    refusedInTime(
      () => readTokenizerJson(tokenizer({ added_tokens: [added(1e9)] }), 'tokenizer.json'),
      'added_tokens.0.id',
    ));
  test('of the vocabulary', () =>
    refusedInTime(
      () =>
        readTokenizerJson(
          { model: { type: 'WordLevel', vocab: { a: 1e9 }, unk_token: 'a' } },
          'tokenizer.json',
        ),
      'the id of "a" is 1000000000, not a whole number up to 16,777,215',
    ));
  test('of what is put around a text', () =>
    refusedInTime(
      () =>
        readTokenizerJson(
          tokenizer({ post_processor: { type: 'BertProcessing', sep: ['a', 1e9], cls: ['b', 1] } }),
          'tokenizer.json',
        ),
      'post_processor: sep.1',
    ));
});

test('steps that each make a text twice as long', () =>
  refusedInTime(
    () => encode({ normalizer: { type: 'Sequence', normalizers: Array(40).fill(replace) } }, 'a'),
    'the tokenizer makes more than 65,536 characters of a text',
  ));

test('a text of the character that grows the most is none of them', () => {
  const steps = {
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [spellBytes] },
  };
  inTime(() => encode(steps, '\u{fdfa}'.repeat(2100)));
});

test('cuts that each make the pieces twice as long', () =>
  refusedInTime(
    () => encode({ pre_tokenizer: { type: 'Sequence', pretokenizers: Array(40).fill(spellBytes) } }, 'é'),
    'the tokenizer makes more than 65,536 characters of a text',
  ));

test('decoders that do', () =>
  refusedInTime(
    () =>
      readTokenizerJson(
        tokenizer({ decoder: { type: 'Sequence', decoders: Array(40).fill(replace) } }),
        'tokenizer.json',
      ).decode([0], false),
    'the decoder makes more than 4,194,304 characters of its tokens',
  ));

test('more steps than anybody needs', () =>
  refusedInTime(
    () =>
      encode({ normalizer: { type: 'Sequence', normalizers: Array(100_000).fill({ type: 'NFC' }) } }, 'a'),
    'tokenizer.json: normalizer.normalizers: has 100000 steps; 200 can be read',
  ));

test('200,000 added tokens', () => {
  const tokens = Array.from({ length: 200_000 }, (_, index) => ({ ...added(index), content: `<${index}>` }));
  expect(encode({ added_tokens: tokens }, '<199999>')).toMatchObject({ ids: [200_002] });
});

test.each(['a', 'é', '𝒳', ' '])('an expression that V8 would never be done with: Split on %j', (letter) => {
  const pattern = { Regex: `(?:(?:${letter}|${letter}${letter})+)+\\z` };
  inTime(() =>
    encode(
      { pre_tokenizer: { type: 'Split', pattern, behavior: 'Isolated', invert: false } },
      `${letter.repeat(5000)}!`,
    ),
  );
});
