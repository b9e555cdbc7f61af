import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

const [start, end] = [58, 59];
const words = 'a photo of red green blue yellow square picture .'.split(' ');

/** Of words with ids below 58, between a start and an end, as the model of test/numeric/fixtures/clip has them. */
const tokenizer = {
  version: '1.0',
  added_tokens: [start, end].map((id) => ({
    id,
    content: id === start ? '<start>' : '<end>',
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '<start>', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '<end>', type_id: 0 } },
    ],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: {
      '<start>': { id: '<start>', ids: [start], tokens: ['<start>'] },
      '<end>': { id: '<end>', ids: [end], tokens: ['<end>'] },
    },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries([
      ...['<unknown>', ...words].map((word, id) => [word, id]),
      ['<start>', start],
      ['<end>', end],
    ]),
    unk_token: '<unknown>',
  },
};

/** A tokenizer of some words, into a folder. */
export const writeTinyTokenizer = (directory: string): void => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(
    join(directory, 'tokenizer_config.json'),
    JSON.stringify({
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<start>',
      eos_token: '<end>',
      pad_token: '<end>',
      unk_token: '<unknown>',
    }),
  );
};

/** Folder of a CLIP of random weights that sees pictures of 16 x 16 and texts of 12 tokens, and knows some words. */
export const writeTinyClip = (directory: string): string => {
  mkdirSync(directory, { recursive: true });
  cpSync(join(root, 'test/numeric/fixtures/clip/model'), directory, { recursive: true });
  writeTinyTokenizer(directory);
  writeFileSync(
    join(directory, 'preprocessor_config.json'),
    JSON.stringify({
      image_processor_type: 'CLIPImageProcessor',
      size: { shortest_edge: 16 },
      crop_size: 16,
    }),
  );
  return directory;
};
