import { product, type Shape } from '../../graph/dimension.ts';
import type { NormalisationSignatures } from '../../graph/signatures.ts';
import { reshaped } from '../cpu/movement.ts';
import { normalisation as cpu } from '../cpu/normalisation.ts';
import type { Constants } from '../constants.ts';
import type { Emit } from '../emitter.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

const keep = { keepdims: 1n };

/** x / rms(x) * weight, and 1 / rms(x). */
export const rmsNorm = (
  { emit, integers, number }: Pick<Constants, 'integers' | 'number'> & { readonly emit: Emit },
  { x, weight, epsilon }: { readonly x: string; readonly weight: string; readonly epsilon: number },
): { readonly y: string; readonly inverse: string } => {
  const square = emit('ReduceMean', [emit('Mul', [x, x]), integers([-1])], keep);
  const root = emit('Sqrt', [emit('Add', [square, number(epsilon)])]);
  const inverse = emit('Reciprocal', [root]);
  return { y: emit('Mul', [emit('Mul', [x, inverse]), weight]), inverse };
};

/** x less its mean over the last axis, times 1 / deviation. */
const standardised = (
  { emit, integers, number }: Pick<Constants, 'integers' | 'number'> & { readonly emit: Emit },
  x: string,
  epsilon: number,
): { readonly y: string; readonly mean: string; readonly inverse: string } => {
  const axes = integers([-1]);
  const mean = emit('ReduceMean', [x, axes], keep);
  const centred = emit('Sub', [x, mean]);
  const variance = emit('ReduceMean', [emit('Mul', [centred, centred]), axes], keep);
  const root = emit('Sqrt', [emit('Add', [variance, number(epsilon)])]);
  const inverse = emit('Reciprocal', [root]);
  return { y: emit('Mul', [centred, inverse]), mean, inverse };
};

const groupNorm: LoweringRule<'groupNorm'> = (context) => {
  const { emit, inputs, attributes, values, integers } = context;
  const { shape } = values.inputs.x;
  const [images, channels, ...pixels] = shape as [Shape[number], number, ...Shape];
  const grouped = [images, attributes.groups, product([channels / attributes.groups, ...pixels])];
  const rows = reshaped(context, inputs.x, shape, grouped);
  const { y, ...statistics } = standardised(context, rows, attributes.epsilon);
  const perChannel = (name: string): string =>
    emit('Reshape', [name, integers([channels, ...pixels.map(() => 1)])]);
  const scaled = emit('Mul', [reshaped(context, y, grouped, shape), perChannel(inputs.weight)]);
  return { y: emit('Add', [scaled, perChannel(inputs.bias)]), ...statistics };
};

export const normalisation: LoweringRules<NormalisationSignatures> = {
  softmax: cpu.softmax,
  rmsNorm: (context) => rmsNorm(context, { ...context.inputs, ...context.attributes }),
  layerNorm: (context) => {
    const { emit, inputs, attributes } = context;
    const { y, ...statistics } = standardised(context, inputs.x, attributes.epsilon);
    return { y: emit('Add', [emit('Mul', [y, inputs.weight]), inputs.bias]), ...statistics };
  },
  groupNorm,
};
