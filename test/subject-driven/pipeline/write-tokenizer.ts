import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { textEnd, textLength, textStart, vocabularySize } from './configuration.ts';
import { learnWordPieces } from './word-pieces.ts';

const wordPattern = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** The folder of a CLIP tokenizer, in its older files (vocab.json, merges.txt) and its newer one (tokenizer.json). */
export const writeTokenizer = (folder: string, texts: readonly string[]): void => {
  mkdirSync(folder, { recursive: true });
  const { vocabulary, merges } = learnWordPieces(texts, vocabularySize, [textStart, textEnd]);
  const ids = Object.fromEntries(vocabulary.map((token, id) => [token, id]));
  const joined = merges.map((pair) => pair.join(' '));
  const special = [textStart, textEnd].map((content) => ({
    ...{ id: ids[content], content, single_word: false, lstrip: false, rstrip: false, normalized: false },
    special: true,
  }));
  const tokenizer = {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: special },
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: wordPattern }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [textEnd, ids[textEnd]],
      cls: [textStart, ids[textStart]],
      ...{ trim_offsets: false, add_prefix_space: false },
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: textEnd, continuing_subword_prefix: '' },
      ...{ end_of_word_suffix: '</w>', fuse_unk: false, byte_fallback: false, vocab: ids, merges: joined },
    },
  };
  const tokens = { bos_token: textStart, eos_token: textEnd, unk_token: textEnd, pad_token: textEnd };
  const settings = { tokenizer_class: 'CLIPTokenizer', ...tokens, model_max_length: textLength };
  const json = (name: string, value: object): void =>
    writeFileWhole(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  json('vocab.json', ids);
  writeFileWhole(join(folder, 'merges.txt'), `#version: 0.2\n${joined.join('\n')}\n`);
  json('tokenizer.json', tokenizer);
  json('tokenizer_config.json', settings);
  json('special_tokens_map.json', tokens);
};
