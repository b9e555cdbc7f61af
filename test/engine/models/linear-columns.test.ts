import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { buildForward, openModel, type ForwardOptions } from '../../../main/engine/models/model.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';

const folder = mkdtempSync(join(tmpdir(), 'nora-columns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configs = {
  // (out x in).
  phi3: {
    model_type: 'phi3',
    ...{ vocab_size: 40, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 16 },
    ...{ rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: false, hidden_act: 'silu' },
    ...{ original_max_position_embeddings: 16, rope_scaling: null, sliding_window: null },
  },
  // With biases, (in x out): no rows of its file are columns of the product.
  gpt2: { model_type: 'gpt2', vocab_size: 40, n_embd: 16, n_layer: 1, n_head: 2, n_positions: 16 },
};
const moduleOf = { phi3: 'model.layers.0.mlp.gate_up_proj', gpt2: 'transformer.h.0.attn.c_attn' };
const sizes = { phi3: [24, 24], gpt2: [16, 16, 16] };

/** A layer's output whole and from its columns, and what the graph of the columns alone reads. */
const bothWays = async (
  kind: keyof typeof configs,
  dtype: 'F32' | 'BF16',
  adapt?: ForwardOptions['adapt'],
) => {
  const directory = mkdtempSync(join(folder, 'model-'));
  writeRandomModel({ directory, config: configs[kind], dtype, seed: 3 });
  const model = openModel(directory);
  const layer = model.targetLayers.find(({ module }) => module === moduleOf[kind])!;
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['rows', layer.inFeatures]);
  const built = (): { whole: typeof x; joined: typeof x } => {
    let values: { whole: typeof x; joined: typeof x } | undefined;
    buildForward(
      g,
      {
        ...model,
        architecture: {
          ...model.architecture,
          forward: (context) => {
            const joined = g.concatenate(context.linearColumns(layer, x, sizes[kind]), 1);
            values = { whole: context.linear(layer, x), joined };
            return { hidden: joined, head: { frozen: true, logits: (rows) => rows } };
          },
        },
      },
      { positions: 1, ...(adapt && { adapt }) },
    );
    return values!;
  };
  const { whole, joined } = built();
  const read = g.build({ joined }).initializers.map(({ name }) => name);
  const session = await createSession(g.build({ whole, joined }), { threads: 1 });
  const data = Float32Array.from({ length: 3 * layer.inFeatures }, (_, at) => Math.sin(at));
  const outputs = await session.run({ x: { shape: [3, layer.inFeatures], data } });
  await session.release();
  return {
    whole: [...(outputs['whole']!.data as Float32Array)],
    joined: [...(outputs['joined']!.data as Float32Array)],
    read,
  };
};

const expectSame = (a: readonly number[], b: readonly number[]): void => {
  expect(a).toHaveLength(b.length);
  a.forEach((value, at) => expect(value).toBeCloseTo(b[at]!, 6));
};

describe('columns of a layer', () => {
  it.each(['F32', 'BF16'] as const)('are products by rows of its weight in %s', async (dtype) => {
    const { whole, joined, read } = await bothWays('phi3', dtype);
    expectSame(joined, whole);
    const name = `${moduleOf.phi3}.weight`;
    expect(read).toEqual([`${name}:0-24`, `${name}:24-48`]);
  });

  it('are those of the whole where its file has the weight the other way', async () => {
    const { whole, joined, read } = await bothWays('gpt2', 'F32');
    expectSame(joined, whole);
    expect(read.some((name) => name.includes(':0-'))).toBe(false);
  });

  it('are those of what an adapter makes of it', async () => {
    const { whole, joined, read } = await bothWays('phi3', 'F32', ({ product }) => product);
    expectSame(joined, whole);
    expect(read).toEqual([`${moduleOf.phi3}.weight`]);
  });
});
