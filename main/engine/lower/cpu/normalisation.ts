import { product, type Shape } from '../../graph/dimension.ts';
import type { NormalisationSignatures } from '../../graph/signatures.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { reshaped } from './movement.ts';

/**
 * Each group as a row of a layer norm, which has its kernel and gives mean and inverse; then the channels' weights and biases. The runtime has
 * no group norm of its own but one of eight operators.
 */
const groupNorm: LoweringRule<'groupNorm'> = (context) => {
  const { emit, emitNamed, inputs, attributes, values, number, integers, extents } = context;
  const { groups, epsilon } = attributes;
  const { shape } = values.inputs.x;
  const [images, channels, ...pixels] = shape as [Shape[number], number, ...Shape];
  const row = product([channels / groups, ...pixels]);
  const grouped = [images, groups, row];
  const ones = emit('Expand', [number(1, 'float32', [1]), extents([row])]);
  const { y, ...statistics } = emitNamed(
    ['y', 'mean', 'inverse'],
    'LayerNormalization',
    [reshaped(context, inputs.x, shape, grouped), ones],
    { axis: -1n, epsilon },
  );
  const perChannel = (name: string): string =>
    emit('Reshape', [name, integers([channels, ...pixels.map(() => 1)])]);
  const scaled = emit('Mul', [reshaped(context, y, grouped, shape), perChannel(inputs.weight)]);
  return { y: emit('Add', [scaled, perChannel(inputs.bias)]), ...statistics };
};

export const normalisation: LoweringRules<NormalisationSignatures> = {
  softmax: ({ emit, inputs: { x } }) => emit('Softmax', [x], { axis: -1n }),
  // The second output of this operator is a mean that float32 leaves out; the third is 1 / rms.
  rmsNorm: ({ emitNamed, inputs: { x, weight }, attributes: { epsilon } }) =>
    emitNamed(['y', 'inverse'], 'SimplifiedLayerNormalization', [x, weight], { axis: -1n, epsilon }),
  layerNorm: ({ emitNamed, inputs: { x, weight, bias }, attributes: { epsilon } }) =>
    emitNamed(['y', 'mean', 'inverse'], 'LayerNormalization', [x, weight, bias], { axis: -1n, epsilon }),
  groupNorm,
};
