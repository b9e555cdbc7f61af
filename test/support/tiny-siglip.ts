import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

const end = 59;
const words = 'a photo of red green blue yellow square picture'.split(' ');

/** Of words with ids below 58 and an end behind them, as SigLIP's converted tokenizers have it; the class sees to case and punctuation. */
const tokenizer = {
  version: '1.0',
  added_tokens: [
    {
      ...{ id: end, content: '</s>', single_word: false, lstrip: false, rstrip: false },
      ...{ normalized: false, special: true },
    },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '</s>': { id: '</s>', ids: [end], tokens: ['</s>'] } },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries([...['<unk>', ...words].map((word, id) => [word, id]), ['</s>', end]]),
    unk_token: '<unk>',
  },
};

/** Folder of a SigLIP of random weights that sees pictures of 18 x 18 and texts of 12 tokens, and knows some words. */
export const writeTinySiglip = (directory: string): string => {
  mkdirSync(directory, { recursive: true });
  cpSync(join(root, 'test/numeric/fixtures/siglip/model'), directory, { recursive: true });
  const files = {
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': { tokenizer_class: 'SiglipTokenizer', model_input_names: ['input_ids'] },
    'processor_config.json': {
      image_processor: { image_processor_type: 'SiglipImageProcessor', size: { height: 18, width: 18 } },
      processor_class: 'SiglipProcessor',
    },
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), JSON.stringify(content));
  return directory;
};
