import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../main/sample/build/initial-weights.ts';
import { generationConfig, modelConfig } from '../../main/sample/build/model-config.ts';
import { modelDirectory } from '../../main/sample/build/paths.ts';
import { pretrainingTokens } from '../../main/sample/build/pretraining-tokens.ts';

const readModelJson = (name: string): unknown => JSON.parse(readFileSync(join(modelDirectory, name), 'utf8'));

const deviationOf = (data: Float32Array): number =>
  Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);

describe('the sample model', () => {
  test('ships the configuration that the code holds', () => {
    expect(readModelJson('config.json')).toEqual(modelConfig);
    expect(readModelJson('generation_config.json')).toEqual(generationConfig);
  });

  test('starts from weights of the deviations that GPT-2 took', () => {
    const weights = initialWeights(1);
    const deviation = (name: string): number => deviationOf(weights.get(`model.${name}.weight`)!.data);
    expect(deviation('embed_tokens')).toBeCloseTo(0.02, 3);
    expect(deviation('layers.3.self_attn.k_proj')).toBeCloseTo(0.02, 3);
    expect(deviation('layers.3.self_attn.o_proj')).toBeCloseTo(0.02 / Math.sqrt(8), 3);
    expect(deviation('layers.0.mlp.down_proj')).toBeCloseTo(0.02 / Math.sqrt(8), 3);
    expect(deviation('norm')).toBe(1);
  });

  test('has 2 million parameters in 38 tensors, each as long as its shape says', () => {
    const weights = [...initialWeights(1).values()];
    for (const { shape, data } of weights)
      expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
    expect(weights).toHaveLength(38);
    expect(weights.reduce((sum, { data }) => sum + data.length, 0)).toBe(1_967_808);
  });

  test('has the same weights for the same seed, others for another', () => {
    expect(initialWeights(3)).toEqual(initialWeights(3));
    expect(initialWeights(3).get('model.embed_tokens.weight')).not.toEqual(
      initialWeights(4).get('model.embed_tokens.weight'),
    );
  });
});

test('pretraining tokens have an <|endoftext|> before each document and behind the last', () => {
  const documents = ['One.', 'Two, three.'].map((text) => ({ id: text, text }));
  const tokens = pretrainingTokens(documents);
  expect(tokens).toBeInstanceOf(Int32Array);
  expect(tokens[0]).toBe(0);
  expect(tokens.at(-1)).toBe(0);
  expect(tokens.filter((id) => id === 0)).toHaveLength(3);
});
