import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/builder.ts';
import { dump } from '../../../main/engine/graph/dump.ts';
import { supportedArchitectures } from '../../../main/engine/models/architectures.ts';
import { buildForward, readModel } from '../../../main/engine/models/model.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const folderOf = (name: string): ModelFolder => openModelFolder(join(fixtures, name, 'model'));

type Config = Readonly<Record<string, unknown>>;
const withConfig = (folder: ModelFolder, config: Config): ModelFolder => ({ ...folder, config });

/** The forward graph as text, with the numbers of its constants. */
const graphOf = (folder: ModelFolder): string => {
  const g = createGraphBuilder();
  const { hidden, head } = buildForward(g, readModel(folder), { positions: 16 });
  const graph = g.build({ logits: head.logits(hidden) });
  const constants = graph.initializers.flatMap(({ name, source }) =>
    source.kind === 'inline' ? [`${name} = ${source.data.join()}`] : [],
  );
  return [dump(graph), ...constants].join('\n');
};

const without = (config: Config, ...keys: string[]): Config =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
const rope = (config: Config): Config => config['rope_parameters'] as Config;
/** rope_theta beside the other keys, as before transformers 5. */
const flat = (config: Config): Config => ({
  ...without(config, 'rope_parameters', 'layer_types'),
  rope_theta: rope(config)['rope_theta'],
});

/** The same settings as the Hub's older files say them. */
const older: Readonly<Record<string, (config: Config) => Config>> = {
  llama: flat,
  llama_rope_scaled: (config) => {
    const { rope_theta: _, rope_type: type, ...scaling } = rope(config);
    return { ...flat(config), rope_scaling: { ...scaling, type } };
  },
  mistral: flat,
  qwen2: flat,
  qwen3: flat,
  smollm3: (config) => without(flat(config), 'no_rope_layers'),
  phi3: (config) => ({ ...flat(config), partial_rotary_factor: 1 }),
  gemma2: flat,
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

  const old = older[name];
  if (old)
    it('is the same from either form of config.json', () =>
      expect(graphOf(withConfig(folder, old(folder.config)))).toBe(graphOf(folder)));
});

it('has a reference run for each', () =>
  expect(
    [...new Set(readdirSync(fixtures).map((name) => String(folderOf(name).config['model_type'])))].sort(),
  ).toEqual([...supportedArchitectures].sort()));

describe('names in files', () => {
  const renamed = (folder: ModelFolder, rename: (name: string) => string): ModelFolder => ({
    ...folder,
    tensors: new Map([...folder.tensors].map(([name, location]) => [rename(name), location])),
  });

  it("may lack GPT-2's prefix", () => {
    const folder = folderOf('gpt2');
    const model = readModel(renamed(folder, (name) => name.replace('transformer.', '')));
    expect(model.tensors.get('transformer.wte.weight')).toEqual(folder.tensors.get('transformer.wte.weight'));
    expect(model.nameOfFile.get('h.0.ln_1.bias')).toBe('transformer.h.0.ln_1.bias');
  });

  it("may be those of BERT's first files", () => {
    const old = (name: string): string =>
      name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
    expect(() => readModel(renamed(folderOf('bert_cls'), old))).not.toThrow();
  });
});
