import { supportedArchitectures } from '../../../main/engine/models/architectures/index.ts';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeModel } from '../../../main/engine/models/describe-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { inverseFrequencies, readRotary } from '../../../main/engine/models/blocks/rotary-embedding.ts';

const llama = join(import.meta.dirname, '../../numeric/fixtures/llama/model');

/** The reference model with some keys of its config.json changed; undefined takes a key out. */
const changed = (changes: Record<string, unknown>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-model-'));
  cpSync(llama, directory, { recursive: true });
  const config = JSON.parse(readFileSync(join(llama, 'config.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...config, ...changes }));
  return directory;
};
const messageOf = (directory: string): string => {
  try {
    openModel(directory);
    return 'opened';
  } catch (error) {
    return (error as Error).message.replaceAll(directory, 'MODEL').replaceAll('\\', '/');
  }
};

describe('a Llama folder', () => {
  it('is described', () => {
    expect(describeModel(openModelFolder(llama))).toEqual({
      architecture: 'llama',
      objective: 'next-token',
      drawnSides: null,
      classifier: null,
      parameters: 108_864,
      layers: 2,
      hiddenSize: 64,
      vocabularySize: 128,
      maximumPositions: 64,
      targetModules: [
        { name: 'q_proj', count: 2, outFeatures: 64, inFeatures: 64 },
        { name: 'k_proj', count: 2, outFeatures: 32, inFeatures: 64 },
        { name: 'v_proj', count: 2, outFeatures: 32, inFeatures: 64 },
        { name: 'o_proj', count: 2, outFeatures: 64, inFeatures: 64 },
        { name: 'gate_proj', count: 2, outFeatures: 176, inFeatures: 64 },
        { name: 'up_proj', count: 2, outFeatures: 176, inFeatures: 64 },
        { name: 'down_proj', count: 2, outFeatures: 64, inFeatures: 176 },
        { name: 'embed_tokens', count: 1, outFeatures: 64, inFeatures: 128, role: 'embedding' },
        { name: 'lm_head', count: 1, outFeatures: 128, inFeatures: 64, role: 'head' },
      ],
      notices: [],
    });
  });

  it('lists layers of one name and other sizes by themselves', () => {
    const gpt2 = join(import.meta.dirname, '../../numeric/fixtures/gpt2/model');
    expect(describeModel(openModelFolder(gpt2)).targetModules).toEqual([
      { name: 'c_attn', count: 2, outFeatures: 192, inFeatures: 64 },
      { name: 'c_proj', count: 2, outFeatures: 64, inFeatures: 64 },
      { name: 'c_fc', count: 2, outFeatures: 256, inFeatures: 64 },
      { name: 'c_proj', count: 2, outFeatures: 64, inFeatures: 256 },
      { name: 'wte', count: 1, outFeatures: 64, inFeatures: 128, role: 'embedding' },
      { name: 'wpe', count: 1, outFeatures: 64, inFeatures: 64, role: 'embedding' },
      { name: 'lm_head', count: 1, outFeatures: 128, inFeatures: 64, role: 'head' },
    ]);
  });

  it.each([
    [
      { model_type: 'mamba' },
      `MODEL/config.json: the architecture "mamba" is not supported yet (supported: ${supportedArchitectures.join(', ')})`,
    ],
    [{ model_type: undefined }, 'MODEL/config.json: model_type is missing'],
    [{ hidden_size: 0 }, 'MODEL/config.json: hidden_size: expected more than 0, not 0'],
    [
      { num_attention_heads: 5 },
      'MODEL/config.json: num_attention_heads 5 is no multiple of num_key_value_heads 2',
    ],
    [{ hidden_act: 'gelu' }, 'MODEL/config.json: hidden_act: expected "silu", not "gelu"'],
    [
      { final_logit_softcapping: 30 },
      'MODEL/config.json: final_logit_softcapping is set to 30, which this version does not know for llama models',
    ],
    [
      { quantization_config: { bits: 4 } },
      'MODEL/config.json: quantization_config is set to {"bits":4}, which this version does not know for llama models',
    ],
    [
      { rope_parameters: { rope_type: 'yarn', factor: 4 } },
      'MODEL/config.json: rope_parameters.rope_type "yarn" is not supported (known: default, linear, llama3)',
    ],
    [
      { rope_parameters: { rope_type: 'llama3', factor: 8 } },
      'MODEL/config.json: rope_parameters.low_freq_factor: missing, expected a number; rope_parameters.high_freq_factor: missing, expected a number; rope_parameters.original_max_position_embeddings: missing, expected a number',
    ],
    [
      { vocab_size: 256 },
      'MODEL/model.safetensors: model.embed_tokens.weight is (128 x 64), config.json makes it (256 x 64)',
    ],
    [
      { num_hidden_layers: 3 },
      'MODEL: the weights have no tensor model.layers.2.input_layernorm.weight, which config.json asks for',
    ],
  ])('is refused by name where it is not understood: %j', (changes, message) =>
    expect(messageOf(changed(changes))).toBe(message),
  );

  it('takes keys that are switched off, whatever they are', () =>
    expect(messageOf(changed({ sliding_window: null, use_something: false, extra: {} }))).toBe('opened'));
});

describe('rotary settings', () => {
  const scaling = {
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 16,
    rope_type: 'llama3',
  };
  it('read the same from either form of config.json', () => {
    const now = readRotary({ rope_parameters: { rope_theta: 500000, ...scaling } }, 'c');
    expect(readRotary({ rope_theta: 500000, rope_scaling: scaling }, 'c')).toEqual(now);
    expect(
      readRotary(
        { rope_theta: 500000, rope_scaling: { ...scaling, rope_type: undefined, type: 'llama3' } },
        'c',
      ),
    ).toEqual(now);
    expect(readRotary({}, 'c')).toEqual({ theta: 10000, scaling: { rope_type: 'default' }, share: 1 });
    expect(readRotary({ rope_theta: 10000, rope_scaling: null }, 'c')).toEqual({
      theta: 10000,
      scaling: { rope_type: 'default' },
      share: 1,
    });
  });

  it('give Llama 3.2’s frequencies (transformers, ROPE_INIT_FUNCTIONS["llama3"])', () => {
    const published = { ...scaling, factor: 32, original_max_position_embeddings: 8192 };
    const frequencies = inverseFrequencies(
      readRotary({ rope_theta: 500000, rope_scaling: published }, 'c'),
      64,
    );
    // Short wavelengths as they are, long ones divided by 32, and one in between.
    expect(frequencies[0]).toBe(1);
    expect(frequencies[1]).toBeCloseTo(500000 ** (-2 / 64), 7);
    expect(frequencies[31]).toBeCloseTo(500000 ** (-62 / 64) / 32, 12);
    const plain = 500000 ** (-32 / 64);
    const smooth = (8192 / ((2 * Math.PI) / plain) - 1) / 3;
    expect(frequencies[16]).toBeCloseTo((1 - smooth) * (plain / 32) + smooth * plain, 9);
  });
});
