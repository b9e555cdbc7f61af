import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import {
  modelFamilies,
  supportedArchitectures,
  trainedArchitectures,
} from '../../../main/engine/models/architectures/index.ts';
import { readModel } from '../../../main/engine/models/model.ts';
import { graphOf } from './graph-text.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const folderOf = (name: string): ModelFolder => openModelFolder(join(fixtures, name, 'model'));

type Config = Readonly<Record<string, unknown>>;
const withConfig = (folder: ModelFolder, config: Config): ModelFolder => ({ ...folder, config });

const without = (config: Config, ...keys: string[]): Config =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
const rope = (config: Config): Config => config['rope_parameters'] as Config;
/** rope_theta beside the other keys, as before transformers 5. */
const flat = (config: Config): Config => ({
  ...without(config, 'rope_parameters', 'layer_types'),
  rope_theta: rope(config)['rope_theta'],
});

/** The same settings as the Hub's older files say them, where that takes more than `flat`. */
const older: Readonly<Record<string, (config: Config) => Config>> = {
  llama_rope_scaled: (config) => {
    const { rope_theta: _, rope_type: type, ...scaling } = rope(config);
    return { ...flat(config), rope_scaling: { ...scaling, type } };
  },
  smollm3: (config) => without(flat(config), 'no_rope_layers'),
  phi3: (config) => ({ ...flat(config), partial_rotary_factor: 1 }),
  gemma3_text: (config) => ({
    ...without(config, 'rope_parameters', 'layer_types', '_sliding_window_pattern'),
    rope_theta: 1e6,
    rope_local_base_freq: 10000,
    sliding_window_pattern: 2,
  }),
};

describe.each(readdirSync(fixtures))('the architecture of %s', (name) => {
  const folder = folderOf(name);

  it('refuses a setting that it does not know, by its name', () =>
    expect(() => readModel(withConfig(folder, { ...folder.config, attention_twist: 0.5 }))).toThrow(
      `attention_twist is set to 0.5, which this version does not know for ${String(folder.config['model_type'])} models`,
    ));

  if ('rope_parameters' in folder.config)
    it('is the same from either form of config.json', () => {
      const old = (older[name] ?? flat)(folder.config);
      expect(graphOf(readModel(withConfig(folder, old)))).toBe(graphOf(readModel(folder)));
    });
});

it('has a reference run for each', () =>
  expect(
    [...new Set(readdirSync(fixtures).map((name) => String(folderOf(name).config['model_type'])))].sort(),
  ).toEqual([...trainedArchitectures].sort()));

it('is listed in docs/models.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/models.md'), 'utf8');
  const rows = [...text.matchAll(/^\| ([^|]+?) +\| ([\w-]+) +\|.*\|$/gm)];
  const types = rows.map(([, , type]) => type!).filter((type) => supportedArchitectures.includes(type));
  expect(types.sort()).toEqual([...supportedArchitectures].sort());
  for (const family of modelFamilies) expect(rows.map(([, name]) => name)).toContain(family);
});

describe('settings that transformers reads in a way of its own', () => {
  const reads = (name: string, changes: Config, ...removed: string[]): string => {
    const folder = folderOf(name);
    return graphOf(readModel(withConfig(folder, { ...without(folder.config, ...removed), ...changes })));
  };
  const windows = { use_sliding_window: true, sliding_window: 3 };

  it('windows of SmolLM3 are in the layers without positions', () =>
    expect(reads('smollm3', windows, 'layer_types')).toBe(
      reads('smollm3', { ...windows, layer_types: ['full_attention', 'sliding_attention'] }),
    ));

  it('a window of Qwen is off unless it is switched on', () =>
    expect(reads('qwen2', { sliding_window: 3, max_window_layers: 0 }, 'layer_types')).toBe(
      reads('qwen2', {}),
    ));

  it('keys of generation, and one that SmolLM3 has from elsewhere, say nothing', () =>
    expect(reads('smollm3', { max_window_layers: 28, temperature: 0.6, top_p: 0.9, max_length: 50 })).toBe(
      reads('smollm3', {}),
    ));

  it.each<[string, Config, string]>([
    ['qwen2', { layer_types: ['full_attention'] }, 'layer_types has 1 entries, num_hidden_layers is 2'],
    [
      'qwen2',
      { layer_types: ['full_attention', 'sliding_attention'], sliding_window: 3 },
      'layer_types names sliding_attention, but no sliding_window is in use',
    ],
    ['smollm3', { no_rope_layers: [1] }, 'no_rope_layers has 1 entries, num_hidden_layers is 2'],
    [
      'gemma3_text',
      { rope_parameters: { rope_type: 'default', rope_theta: 5 } },
      'rope_parameters.full_attention is missing',
    ],
    [
      'gemma3_text',
      { attn_logit_softcapping: 30 },
      'attn_logit_softcapping is set to 30, which this version does not know for gemma3_text',
    ],
    [
      'gemma2',
      { rope_parameters: { full_attention: { rope_type: 'default', rope_theta: 5 } } },
      'rope_parameters.full_attention is set to {"rope_type":"default","rope_theta":5}, which this version does not know for default rotary positions',
    ],
    [
      'mistral',
      { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5 } },
      'partial_rotary_factor is 0.5, which mistral models do not have',
    ],
    [
      'llama',
      { rope_parameters: { rope_type: 'linear', factor: 2, attention_factor: 1.2 } },
      'rope_parameters.attention_factor is set to 1.2, which this version does not know for linear rotary positions',
    ],
    [
      'llama',
      { rope_scaling: { type: 'linear', factor: 2 } },
      'rope_parameters and rope_scaling are both set, and only one can be meant',
    ],
    ['llama', { rope_parameters: { rope_theta: 'ten' } }, 'rope_theta: expected a number, not "ten"'],
    [
      'llama',
      { architectures: ['LlamaForSequenceClassification'] },
      'architectures is LlamaForSequenceClassification; of llama models only language models are read',
    ],
    [
      'phi3',
      { rope_parameters: { partial_rotary_factor: 0.2 } },
      'partial_rotary_factor 0.2 turns 3 of a head',
    ],
    ['bert_cls', { id2label: { 0: 'score' } }, 'num_labels is 1; classes are two at least'],
  ])('%s with %j is refused by name', (name, changes, message) =>
    expect(() => reads(name, changes)).toThrow(message),
  );
});

describe('names in files', () => {
  const renamed = (folder: ModelFolder, rename: (name: string) => string): ModelFolder => ({
    ...folder,
    tensors: new Map([...folder.tensors].map(([name, location]) => [rename(name), location])),
  });

  it("may lack GPT-2's prefix", () => {
    const folder = folderOf('gpt2');
    const model = readModel(renamed(folder, (name) => name.replace('transformer.', '')));
    expect(model.tensors).toEqual(readModel(folder).tensors);
    expect(model.nameOfFile.get('h.0.ln_1.bias')).toBe('transformer.h.0.ln_1.bias');
  });

  it("may be those of BERT's first files", () => {
    const folder = folderOf('bert_cls');
    const old = (name: string): string =>
      name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
    const model = readModel(renamed(folder, old));
    expect(model.tensors).toEqual(readModel(folder).tensors);
    expect(model.nameOfFile.get('bert.embeddings.LayerNorm.beta')).toBe('bert.embeddings.LayerNorm.bias');
  });
});
