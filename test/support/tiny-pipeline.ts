import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** Letters within a word and at its end, and what a text stands between: with room before those, as the models have 60 tokens. */
const vocabulary = Object.fromEntries([
  ...[...letters].map((letter, at) => [letter, at]),
  ...[...letters].map((letter, at) => [`${letter}</w>`, 26 + at]),
  ['<|startoftext|>', 58],
  ['<|endoftext|>', 59],
]) as Record<string, number>;

const writeTokenizer = (folder: string): void => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'vocab.json'), JSON.stringify(vocabulary));
  writeFileSync(join(folder, 'merges.txt'), '#version: 0.2\n');
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({
      tokenizer_class: 'CLIPTokenizer',
      bos_token: '<|startoftext|>',
      eos_token: '<|endoftext|>',
      unk_token: '<|endoftext|>',
      pad_token: '<|endoftext|>',
      model_max_length: 12,
    }),
  );
};

/** A tiny random Stable Diffusion as diffusers saves one, of test/numeric/fixtures, whose prompts are of small letters. */
export const writeTinyPipeline = (directory: string, kind: 'sd15' | 'sd21' | 'sdxl' = 'sd15'): string => {
  cpSync(join(root, 'test/numeric/fixtures', kind, 'model'), directory, { recursive: true });
  const index = join(directory, 'model_index.json');
  const parts = JSON.parse(readFileSync(index, 'utf8')) as Record<string, unknown>;
  const names = kind === 'sdxl' ? ['tokenizer', 'tokenizer_2'] : ['tokenizer'];
  for (const name of names) {
    writeTokenizer(join(directory, name));
    parts[name] = ['transformers', 'CLIPTokenizer'];
  }
  writeFileSync(index, JSON.stringify(parts, null, 2));
  return directory;
};
