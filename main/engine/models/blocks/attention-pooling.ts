import type { Value } from '../../graph/graph.ts';
import type { ForwardContext } from '../architecture.ts';
import { activate } from './activations.ts';
import { biased } from './encoder.ts';
import { residual } from './residual.ts';
import { layerNorm, type PreNormSettings } from './pre-norm-encoder.ts';

/**
 * One vector for each picture, by a learned query that attends to all its patches, then a feed-forward part: x (pictures * patches x width)
 * to (pictures x width).
 *
 * The query is the same for all pictures, so no patch needs a key or a value of its own: a head's scores are x (W_k^T q), and what it mixes is
 * the patches themselves, of which W_v sees one sum for each head. The keys' bias moves all scores of a head alike and falls out of the
 * softmax. The three projections lie in one matrix (torch's MultiheadAttention) that no adapter can sit on; PEFT's on `out_proj` there
 * would never be asked for its output. So neither is a site.
 */
export const attentionPooling = (
  context: ForwardContext,
  settings: PreNormSettings,
  module: string,
  x: Value,
  patches: number,
): Value => context.g.within('pooling', () => pooledRows(context, settings, module, x, patches));

const pooledRows = (
  context: ForwardContext,
  settings: PreNormSettings,
  module: string,
  x: Value,
  patches: number,
): Value => {
  const { g, weight, linear } = context;
  const { hidden_size: width, intermediate_size: size, num_attention_heads: heads } = settings;
  const headWidth = width / heads;
  const inner = weight(`${module}.attention.in_proj_weight`, [3 * width, width]);
  const innerBias = weight(`${module}.attention.in_proj_bias`, [3 * width]);
  const [ofQuery, ofKeys, ofValues] = [0, 1, 2].map((part) =>
    g.slice(inner, 0, part * width, (part + 1) * width),
  ) as [Value, Value, Value];
  const biasOf = (part: number): Value => g.slice(innerBias, 0, part * width, (part + 1) * width);

  const probe = g.reshape(weight(`${module}.probe`, [1, 1, width]), [1, width]);
  const query = g.add(g.matmul(probe, ofQuery, { transposeB: true }), biasOf(0));
  // (heads x 1 x head width) of (heads x head width x width): what each head looks for, in terms of the patches.
  const wanted = g.matmul(
    g.reshape(query, [heads, 1, headWidth]),
    g.reshape(ofKeys, [heads, headWidth, width]),
  );
  const looked = g.multiply(g.reshape(wanted, [heads, width]), 1 / Math.sqrt(headWidth));

  const byPicture = g.reshape(x, ['images', patches, width]);
  const scores = g.reshape(g.matmul(x, looked, { transposeB: true }), ['images', patches, heads]);
  const shares = g.softmax(g.transpose(scores, [0, 2, 1]));
  const mixed = g.mark(g.matmul(shares, byPicture), 'costly');
  const values = g.add(
    g.matmul(g.transpose(mixed, [1, 0, 2]), g.reshape(ofValues, [heads, headWidth, width]), {
      transposeB: true,
    }),
    g.reshape(biasOf(2), [heads, 1, headWidth]),
  );
  const joined = g.reshape(g.transpose(values, [1, 0, 2]), ['images', width]);
  const outer = weight(`${module}.attention.out_proj.weight`, [width, width]);
  const outerBias = weight(`${module}.attention.out_proj.bias`, [width]);
  const attended = g.mark(g.add(g.matmul(joined, outer, { transposeB: true }), outerBias), 'costly');

  const normalised = layerNorm(context, settings, `${module}.layernorm`, attended);
  const wide = linear(biased(`${module}.mlp.fc1`, width, size), normalised);
  const fed = linear(biased(`${module}.mlp.fc2`, size, width), activate(g, settings.hidden_act, wide));
  return residual(g, attended, fed);
};
