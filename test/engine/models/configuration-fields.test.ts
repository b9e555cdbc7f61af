import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { supportedArchitectures } from '../../../main/engine/models/architectures/index.ts';
import { readModel } from '../../../main/engine/models/model.ts';
import { graphOf } from './graph-text.ts';

/**
 * Every field of transformers' configuration classes, architecture by architecture. Another value of it must change the graph or be
 * refused by name, unless it is known here to say nothing about the numbers; and a file without it must mean transformers' default.
 */
const { fields, parts } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/configuration-fields.json'), 'utf8'),
) as {
  fields: Readonly<Record<string, Config>>;
  /** Configurations within another, of models of several parts. */
  parts: Readonly<Record<string, Readonly<Record<string, Config>>>>;
};
type Config = Readonly<Record<string, unknown>>;

/** Fields that change no number of a forward pass and no gradient, each with why. */
const neutral: Readonly<Record<string, string>> = {
  transformers_version: 'who wrote the file',
  dtype: 'what the file says of its weights; each weight has its own type',
  output_hidden_states: 'what is returned beside the logits',
  return_dict: 'in what form results are returned',
  use_cache: 'keys and values are kept for generation',
  chunk_size_feed_forward: 'rows are computed in groups',
  initializer_range: 'weights that are trained from scratch',
  pretraining_tp: 'products are computed in parts',
  bos_token_id: 'the tokenizer and generation',
  eos_token_id: 'the tokenizer and generation',
  label2id: 'names',
  attention_dropout: 'dropout of the base is off',
  attn_pdrop: 'dropout of the base is off',
  embd_pdrop: 'dropout of the base is off',
  resid_pdrop: 'dropout of the base is off',
  hidden_dropout_prob: 'dropout of the base is off',
  attention_probs_dropout_prob: 'dropout of the base is off',
  classifier_dropout: 'dropout of the base is off',
  reorder_and_upcast_attn: 'rounding in half precision',
  summary_type: 'a head that a language model does not have',
  summary_use_proj: 'a head that a language model does not have',
  summary_activation: 'a head that a language model does not have',
  summary_proj_to_labels: 'a head that a language model does not have',
  summary_first_dropout: 'a head that a language model does not have',
  initializer_factor: 'weights that are trained from scratch',
  logit_scale_init_value: 'weights that are trained from scratch',
};
const neutralIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bert: { pad_token_id: 'padding is masked' },
  phi3: { original_max_position_embeddings: 'scaled angles only' },
  clip: { architectures: 'the weights of both towers must be there' },
  siglip: { architectures: 'the weights of both towers must be there' },
  vit: {
    architectures: 'a head on top is passed over',
    encoder_stride: 'of masked pictures',
    pooler_output_size: 'a pooler is passed over',
    pooler_act: 'a pooler is passed over',
  },
  dinov2: {
    architectures: 'a head on top is passed over',
    layerscale_value: 'weights that are trained from scratch',
    drop_path_rate: 'dropout of the base is off',
    use_mask_token: 'training alone masks patches',
    apply_layernorm: 'of detectors on top',
    reshape_hidden_states: 'of detectors on top',
    _out_features: 'of detectors on top',
    _out_indices: 'of detectors on top',
  },
};
/** Of parts, beside what is neutral everywhere. */
const neutralInParts: Readonly<Record<string, string>> = {
  architectures: 'who wrote the file',
  projection_dim: 'of models of one tower; the one beside text_config counts',
  id2label: 'names of classes',
  pad_token_id: 'padding is masked',
};
/** What says where a text ends is no part of the graph: batches name the place. */
const ofBatches = ['eos_token_id'];
/** Where the files hold a head that differs from the embeddings. */
const neutralWithOwnHead = { tie_word_embeddings: 'a head of its own counts whatever the flag says' };
const neutralInClassifiers = {
  architectures: 'the classifier must be among the weights',
  tie_word_embeddings: 'a classifier has no output embeddings',
};
const neutralInDecoders = {
  pad_token_id: 'padding is masked',
  id2label: 'names of classes',
  max_position_embeddings: 'angles are computed for as many positions as a batch has',
};

const configured = [
  join(import.meta.dirname, '../../numeric/fixtures'),
  join(import.meta.dirname, 'fixtures'),
]
  .flatMap((place) => readdirSync(place).map((name) => join(place, name, 'model')))
  .filter((directory) => existsSync(directory));
const folders = new Map(
  configured.map((directory) => {
    const folder = openModelFolder(directory);
    return [String(folder.config['model_type']), folder] as const;
  }),
);

const isNeutral = (type: string, field: string): boolean => {
  const { config, tensors } = folders.get(type)!;
  const isClassifier = String(config['architectures']).endsWith('ForSequenceClassification');
  return [
    neutral,
    neutralIn[type] ?? {},
    isClassifier ? neutralInClassifiers : neutralInDecoders,
    tensors.has('lm_head.weight') ? neutralWithOwnHead : {},
  ].some((fields) => field in fields);
};
/** Windows and the like switched on, so that what says how they work matters; nothing that says the same in another way. */
const windows = { use_sliding_window: true, sliding_window: 3, max_window_layers: 1 };
const others: Readonly<Record<string, Config>> = {
  qwen2: windows,
  qwen3: windows,
  smollm3: { use_sliding_window: true, sliding_window: 3 },
};
const startOf = (type: string): ModelFolder => {
  const folder = folders.get(type)!;
  const { layer_types: _, no_rope_layers: __, ...config } = folder.config;
  return { ...folder, config: { ...config, ...others[type] } };
};

/** Another value than a configuration has: of its own kind, or one named here where any other would be nonsense. */
const otherValues: Readonly<Record<string, unknown>> = {
  architectures: ['SomeForSequenceClassification'],
  problem_type: 'regression',
  hidden_act: 'relu',
  hidden_activation: 'relu',
  activation_function: 'relu',
  layer_types: ['full_attention', 'full_attention'],
  no_rope_layers: [1, 1],
  rope_parameters: {
    rope_type: 'default',
    rope_theta: 5,
    full_attention: { rope_type: 'default', rope_theta: 5 },
    sliding_attention: { rope_type: 'default', rope_theta: 5 },
  },
  id2label: { 0: 'a', 1: 'b' },
  text_config: 7,
  vision_config: 7,
  num_key_value_heads: 1,
};
const otherThan = (field: string, value: unknown): unknown => {
  if (field in otherValues) return otherValues[field];
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0 ? 0.5 : value * 2;
  return typeof value === 'string' ? `other ${value}` : 7;
};

/** The graph that comes of a configuration, or why there is none. */
const outcome = (folder: ModelFolder, config: Config): string => {
  try {
    return graphOf(readModel({ ...folder, config }));
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
};

/** Made of the files of diffusers, which are held to the same in stable-diffusion-configuration.test.ts. */
const ofDiffusers = ['stable-diffusion', 'stable-diffusion-xl'];

it('knows the fields of every architecture', () =>
  expect([...Object.keys(fields), ...ofDiffusers].sort()).toEqual([...supportedArchitectures].sort()));

describe.each(Object.entries(fields))('%s', (type, defaults) => {
  const start = startOf(type);
  const graph = outcome(start, start.config);

  it('is read', () => expect(graph).not.toMatch(/^refused/));

  it.each(Object.keys(defaults))('another %s', (field) => {
    const value = otherThan(field, start.config[field] ?? defaults[field]);
    const changed = outcome(start, { ...start.config, [field]: value });
    if (isNeutral(type, field)) return expect(changed).toBe(graph);
    expect(changed).not.toBe(graph);
    // A size that the weights do not have is told by the weight.
    if (changed.startsWith('refused'))
      expect(changed).toMatch(
        new RegExp(`${field}|config.json makes it|asks for|biases that config.json says`),
      );
  });

  it.each(Object.entries(defaults).filter(([, value]) => value !== null))(
    'no %s means %j',
    (field, value) => {
      const { [field]: _, ...config } = start.config;
      const missing = outcome(start, config);
      expect(missing).toBe(outcome(start, { ...config, [field]: value }));
    },
  );
});

describe.each(
  Object.entries(parts).flatMap(([type, own]) =>
    Object.entries(own).map(([part, defaults]) => ({ type, part, defaults })),
  ),
)('$part of $type', ({ type, part, defaults }) => {
  const start = startOf(type);
  const graph = outcome(start, start.config);
  const own = start.config[part] as Config;
  const withPart = (changed: Config): string => outcome(start, { ...start.config, [part]: changed });

  it.each(Object.keys(defaults))('another %s', (field) => {
    const value = otherThan(field, own[field] ?? defaults[field]);
    const changed = withPart({ ...own, [field]: value });
    if (field in neutral || field in neutralInParts || ofBatches.includes(field))
      return expect(changed).toBe(graph);
    expect(changed).not.toBe(graph);
    if (changed.startsWith('refused'))
      expect(changed).toMatch(
        new RegExp(`${field}|config.json makes it|asks for|biases that config.json says`),
      );
  });

  it.each(Object.entries(defaults).filter(([, value]) => value !== null))(
    'no %s means %j',
    (field, value) => {
      const { [field]: _, ...others } = own;
      expect(withPart(others)).toBe(withPart({ ...others, [field]: value }));
    },
  );

  it('refuses a field that it does not know, by its name', () =>
    expect(withPart({ ...own, attention_twist: 0.5 })).toMatch(`${part}: attention_twist is set to 0.5`));
});

describe('keys that say who wrote the file', () => {
  const start = startOf('llama');
  const graph = outcome(start, start.config);

  it.each(
    Object.entries({
      unsloth_version: '2026.4.7',
      unsloth_fixed: true,
      some_library_version: '0.9.1.dev0',
      _name_or_path: 'someone/model',
      use_flash_attention: true,
      use_flash_attn_2: false,
      attn_implementation: 'sdpa',
      gradient_checkpointing: true,
      finetuning_task: 'sst-2',
    }),
  )('%s: %j changes nothing', (field, value) =>
    expect(outcome(start, { ...start.config, [field]: value })).toBe(graph),
  );

  it.each(
    Object.entries({
      rope_version: 2,
      attention_version: 'second',
      unsloth_scale: 0.5,
      use_flash_attention_scale: 0.5,
      gradient_checkpointing: 3,
      version: '2.0',
    }),
  )('%s: %j may change something', (field, value) =>
    expect(outcome(start, { ...start.config, [field]: value })).toMatch(`${field} is set to`),
  );
});
