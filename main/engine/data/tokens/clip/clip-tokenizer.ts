import { gunzipSync } from 'node:zlib';
import { byteCharacters } from '../../../tokenizer/byte-alphabet.ts';
import stored from './merges.json' with { type: 'json' };

/*
 * CLIP's tokenizer as transformers' CLIPTokenizer makes it of a vocabulary and merges: what its tokenizer.json would be.
 */

const start = '<|startoftext|>';
const end = '<|endoftext|>';
const endOfWord = '</w>';

/** Contractions, words, single digits, and runs of all else. */
const words = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** @param merges pairs with a space between, as merges.txt has them */
export const clipTokenizerJson = (
  vocab: Readonly<Record<string, unknown>>,
  merges: readonly string[],
): Readonly<Record<string, unknown>> => ({
  version: '1.0',
  added_tokens: [start, end]
    .filter((token) => Object.hasOwn(vocab, token))
    .map((content) => ({
      id: vocab[content],
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'NFC' },
      { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
      { type: 'Lowercase' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  },
  post_processor: {
    type: 'RobertaProcessing',
    sep: [end, vocab[end]],
    cls: [start, vocab[start]],
    trim_offsets: false,
    add_prefix_space: false,
  },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: end,
    continuing_subword_prefix: '',
    end_of_word_suffix: endOfWord,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab,
    merges,
  },
});

/** CLIP's own merges, in order. */
export const shippedMerges = (): string[] =>
  gunzipSync(Buffer.from(stored.merges, 'base64')).toString('utf8').split('\n');

/** The vocabulary that merges make: bytes, bytes at the end of a word, what is merged, and the two marks of a text. */
export const vocabularyOf = (merges: readonly string[]): Record<string, number> => {
  // Bytes that can be seen come first, as their characters are in Unicode.
  const bytes = byteCharacters.toSorted();
  const tokens = [
    ...bytes,
    ...bytes.map((byte) => byte + endOfWord),
    ...merges.map((merge) => merge.replace(' ', '')),
    start,
    end,
  ];
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
};
