import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../../main/engine/graph/graph.ts';
import { weightName, type LinearLayer } from '../../../../main/engine/models/architecture.ts';
import { slices } from '../../../../main/engine/models/slices.ts';
import { decoderModel, type DecoderDescription } from '../../../../main/engine/models/blocks/decoder.ts';
import { tokenInputs } from '../../../../main/engine/models/model.ts';
import { naiveDecoder, type Weights } from './naive-decoder.ts';
import { largestDifference, numbers, rows, runOnRows } from './tokens.ts';

const rotary = { theta: 100, scaling: { rope_type: 'default' }, share: 1 } as const;

/** Llama's description, small; heads together are wider than the model. */
const llama: DecoderDescription = {
  name: 'llama',
  hiddenSize: 8,
  intermediateSize: 6,
  heads: 4,
  keyValueHeads: 2,
  width: 4,
  vocabularySize: 7,
  maximumPositions: 16,
  epsilon: 1e-3,
  tiedHead: false,
  activation: 'silu',
  layers: [
    { rotary, window: null },
    { rotary, window: null },
  ],
  biases: { qkv: false, output: false, feedForward: false },
  fused: false,
  queryKeyNorm: null,
  norms: { beforeAttention: 'n1', afterAttention: null, beforeFeedForward: 'n3', afterFeedForward: null },
  normOffset: 0,
  attentionScale: null,
  attentionSoftcap: null,
  logitSoftcap: null,
  embeddingScale: 1,
};

/** A decoder's logits with every weight a given one. */
const logitsOf = async (decoder: DecoderDescription): Promise<{ own: Float32Array; weights: Weights }> => {
  const g = createGraphBuilder();
  const weights = new Map<string, { shape: number[]; data: Float32Array }>();
  const values = new Map<string, Value>();
  const weight = (name: string, shape: readonly number[]): Value => {
    const value = values.get(name) ?? g.input(name, 'float32', shape);
    values.set(name, value);
    const count = shape.reduce((a, b) => a * b, 1);
    weights.set(name, { shape: [...shape], data: numbers(name, count) });
    return value;
  };
  const linear = (layer: LinearLayer, x: Value): Value => {
    const product = g.matmul(x, weight(weightName(layer), [layer.outFeatures, layer.inFeatures]), {
      transposeB: true,
    });
    return layer.bias ? g.add(product, weight(`${layer.module}.bias`, [layer.outFeatures])) : product;
  };
  const { hidden, head } = decoderModel(decoder, 'config.json').forward({
    g,
    tokens: tokenInputs(g),
    past: null,
    everyRow: false,
    positions: 8,
    weight,
    embedded: (x) => x,
    isFrozen: () => true,
    frozenWeight: () => undefined,
    convolution: () => expect.unreachable(),
    linear,
    linearColumns: (layer, x, sizes) => slices(g, linear(layer, x), 1, sizes),
    embedding: (layer, indices) =>
      g.gatherRows(weight(weightName(layer), [layer.inFeatures, layer.outFeatures]), indices),
  });
  const { logits } = await runOnRows(g.build({ logits: head.logits(hidden) }), Object.fromEntries(weights));
  return { own: logits!, weights: new Map([...weights].map(([name, { data }]) => [name, data])) };
};

const none = { beforeAttention: null, afterAttention: null, beforeFeedForward: null, afterFeedForward: null };

describe('a decoder computes what its description says', () => {
  it.each<[string, Partial<DecoderDescription>]>([
    ['norms before each part', {}],
    ['norms after each part', { norms: { ...none, afterAttention: 'n2', afterFeedForward: 'n4' } }],
    [
      'norms before and after each part',
      {
        norms: {
          beforeAttention: 'n1',
          afterAttention: 'n2',
          beforeFeedForward: 'n3',
          afterFeedForward: 'n4',
        },
      },
    ],
    ['a norm before attention alone', { norms: { ...none, beforeAttention: 'n1' } }],
    ['norms that multiply by one more', { normOffset: 1 }],
    ['queries and keys normalised by head', { queryKeyNorm: 'each-head' }],
    ['queries and keys normalised together', { queryKeyNorm: 'all-heads' }],
    ['one matrix for q, k and v, and for gate and up', { fused: true }],
    ['biases on q, k and v', { biases: { ...llama.biases, qkv: true } }],
    ['biases on o', { biases: { ...llama.biases, output: true } }],
    ['biases in the feed-forward', { biases: { ...llama.biases, feedForward: true } }],
    ['a window in one layer', { layers: [{ rotary, window: 3 }, llama.layers[1]!] }],
    ['no positions in one layer', { layers: [llama.layers[0]!, { rotary: null, window: null }] }],
    [
      'other angles in one layer',
      { layers: [{ rotary: { ...rotary, theta: 7 }, window: null }, llama.layers[1]!] },
    ],
    ['half of each head turned', { layers: [{ rotary: { ...rotary, share: 0.5 }, window: null }] }],
    ['as many heads of keys as of queries', { keyValueHeads: 4 }],
    ['another scale of the scores', { attentionScale: 0.9 }],
    ['capped scores', { attentionSoftcap: 0.7 }],
    ['capped logits', { logitSoftcap: 0.7 }],
    ['scaled embeddings', { embeddingScale: 3 }],
    ['a head that is tied', { tiedHead: true }],
    ['another activation', { activation: 'relu' }],
  ])('%s', async (_, changes) => {
    const decoder = { ...llama, ...changes };
    const { own, weights } = await logitsOf(decoder);
    const expected = rows.flatMap((row) => naiveDecoder(decoder, weights, row));
    expect(largestDifference(own, expected)).toBeLessThan(2e-5);
  });
});
