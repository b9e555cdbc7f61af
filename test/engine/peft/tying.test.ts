import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReadPeftOptions } from '../../../main/engine/peft/form.ts';
import { readPeft } from '../../../main/engine/peft/index.ts';
import { withTiedCopies } from '../../../main/engine/peft/tying.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { writeLoraFolder, type LoraFolder } from '../../support/lora-folder.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

const root = temporaryDirectory();
const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const modelOf = (name: string) => openModel(join(fixtures, name, 'model'));
const [untied, tied] = [modelOf('llama'), modelOf('llama_rope_scaled')];
const saved = join(fixtures, 'llama/lora_embeddings/init');

it('an embedding has tensors of its own, and the base weight beside them, which is not read', () => {
  const { layers, weights, values } = readPeft(saved, untied.targetLayers);
  expect(layers.map(({ module }) => module)).toEqual(
    expect.arrayContaining(['model.embed_tokens', 'lm_head']),
  );
  const a = values.get('model.embed_tokens.lora_A')!;
  expect([a.length, values.get('model.embed_tokens.lora_B')!.length]).toEqual([4 * 128, 64 * 4]);
  expect(a.every((value) => value === 0)).toBe(true);
  expect(weights).toEqual([]);
});

describe('a weight that two modules share', () => {
  const [vocabulary, width] = [128, 64];
  const weight = {
    name: 'model.embed_tokens.weight',
    shape: [vocabulary, width],
    data: new Float32Array(vocabulary * width).fill(0.5),
  };
  const layer = tied.targetLayers.find(({ module }) => module.endsWith('q_proj'))!;
  const { module, outFeatures, inFeatures } = layer;
  const pair = {
    ...{ module, outFeatures, inFeatures },
    loraA: new Float32Array(inFeatures).fill(1),
    loraB: new Float32Array(outFeatures).fill(1),
  };
  let count = 0;
  const read = (folder: Partial<LoraFolder>, options: ReadPeftOptions = {}) =>
    readPeft(
      writeLoraFolder(join(root, String(count++)), { modules: [pair], ...folder }),
      tied.targetLayers,
      options,
    );

  it('has a copy for each', () => {
    const copies = withTiedCopies([weight], tied.targetLayers);
    expect(copies.map(({ name }) => name)).toEqual(['model.embed_tokens.weight', 'lm_head.weight']);
    expect(withTiedCopies([weight], untied.targetLayers)).toEqual([weight]);
    const config = { modules_to_save: ['embed_tokens', 'lm_head'], ensure_weight_tying: true };
    const { weights } = read({ config, weights: [weight, { ...weight, name: 'lm_head.weight' }] });
    expect(weights.map(({ name }) => name)).toEqual(['model.embed_tokens.weight']);
  });

  it('is refused where a file means something else of it', () => {
    expect(() => read({ config: { modules_to_save: ['embed_tokens'] }, weights: [weight] })).toThrow(
      'adapter_config.json: ensure_weight_tying is not set, so model.embed_tokens and lm_head were trained apart, but they are one weight in this model (model.embed_tokens.weight)',
    );
    const head = tied.targetLayers.find(({ role }) => role === 'head')!;
    const onHead = {
      module: head.module,
      outFeatures: vocabulary,
      inFeatures: width,
      loraA: new Float32Array(width),
      loraB: new Float32Array(vocabulary),
    };
    expect(() => read({ config: { ensure_weight_tying: true }, modules: [onHead] })).toThrow(
      'adapter_config.json: ensure_weight_tying: one adapter for model.embed_tokens and lm_head together is not supported; only one for each of them is',
    );
  });
});
