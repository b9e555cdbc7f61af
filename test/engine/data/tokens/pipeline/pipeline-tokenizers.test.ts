import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedMerges, vocabularyOf } from '../../../../../main/engine/data/tokens/clip/clip-tokenizer.ts';
import { loadPipelineTokenizers } from '../../../../../main/engine/data/tokens/pipeline-tokenizers.ts';
import type { DiffusionConfig } from '../../../../../main/engine/formats/diffusion/configuration.ts';
import { temporaryDirectory } from '../../../formats/temporary-directory.ts';

interface Told {
  readonly texts: readonly string[];
  readonly folders: Readonly<
    Record<string, { config: unknown; special: unknown; pad: number; ids: number[][]; decoded: string[] }>
  >;
}

const told = JSON.parse(readFileSync(join(import.meta.dirname, 'clip-tokens.json'), 'utf8')) as Told;
const root = temporaryDirectory();

const config = (...acts: readonly string[]): DiffusionConfig => ({
  model_type: 'stable-diffusion',
  unet: {},
  vae: {},
  scheduler: {},
  text_encoder: { hidden_act: acts[0] },
  ...(acts[1] !== undefined && { text_encoder_2: { hidden_act: acts[1] } }),
});

const merges = shippedMerges();

const writeTokenizer = (directory: string, name: string): void => {
  mkdirSync(directory);
  writeFileSync(join(directory, 'vocab.json'), JSON.stringify(vocabularyOf(merges)));
  writeFileSync(join(directory, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`);
  const { config: settings, special } = told.folders[name]!;
  if (settings === null) return;
  writeFileSync(join(directory, 'tokenizer_config.json'), JSON.stringify(settings));
  writeFileSync(join(directory, 'special_tokens_map.json'), JSON.stringify(special));
};

test.each(Object.keys(told.folders))('a pipeline’s tokenizer (%s) is CLIPTokenizer, id for id', (name) => {
  const directory = mkdtempSync(join(root, 'pipeline-'));
  writeTokenizer(join(directory, 'tokenizer'), name);
  const [tokenizer, none] = loadPipelineTokenizers({ directory, config: config('quick_gelu') });
  expect(none).toBeUndefined();
  const { pad, ids, decoded } = told.folders[name]!;
  expect(tokenizer!.padId).toBe(pad);
  for (const [at, text] of told.texts.entries()) {
    expect(tokenizer!.encode(text), text).toEqual(ids[at]);
    expect(tokenizer!.decode(ids[at]!, { skipSpecial: true }), text).toBe(decoded[at]);
  }
  expect(tokenizer!.vocabularySize).toBe(49_408);
});

test.each([
  ['SD 1.x', ['quick_gelu'], ['sd-1.5']],
  ['SD 2.x', ['gelu'], ['sd-2.1']],
  ['SDXL', ['quick_gelu', 'gelu'], ['sd-1.5', 'sdxl-2']],
])('a single file of %s has the vocabulary that is shipped', (_, acts, names) => {
  const directory = join(root, 'model.safetensors');
  const tokenizers = loadPipelineTokenizers({ directory, config: config(...acts) });
  expect(tokenizers).toHaveLength(names.length);
  for (const [at, name] of names.entries()) {
    expect(tokenizers[at]!.padId).toBe(told.folders[name]!.pad);
    expect(told.texts.map((text) => tokenizers[at]!.encode(text))).toEqual(told.folders[name]!.ids);
  }
});

test('a second tokenizer that is missing, and a merge that is none, are named', () => {
  const directory = mkdtempSync(join(root, 'pipeline-'));
  writeTokenizer(join(directory, 'tokenizer'), 'sd-1.5');
  expect(() => loadPipelineTokenizers({ directory, config: config('quick_gelu', 'gelu') })).toThrow(
    `${join(directory, 'tokenizer_2')}: this part of the pipeline is missing`,
  );
  writeFileSync(join(directory, 'tokenizer', 'merges.txt'), '#version: 0.2\na b c\n');
  expect(() => loadPipelineTokenizers({ directory, config: config('quick_gelu') })).toThrow(
    /merges\.txt: "a b c" is not a pair/,
  );
});
