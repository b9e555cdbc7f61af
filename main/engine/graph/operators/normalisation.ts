import { product, sameShape, type Dimension, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { NormalisationSignatures } from '../signatures.ts';
import type { GradientRule, OperatorEntries, TensorType } from './entry.ts';
import { axisOf, float32, requireFit, requireType } from './type-checks.ts';

/** With n = (x - mean) r, r = 1 / deviation of the group: d/dw = sum(dy n), d/db = sum(dy). */
const groupNormGradient: GradientRule<'groupNorm'> = ({
  g,
  inputs: { x, weight },
  outputs: { mean, inverse },
  attributes: { groups },
  gradient,
}) => {
  const [images, channels, ...pixels] = x.shape as [Dimension, number, ...Shape];
  const grouped = (value: Value): Value =>
    g.reshape(value, [images, groups, channels / groups, product(pixels)]);
  const perGroup = (value: Value): Value => g.reshape(value, [images, groups, 1, 1]);
  const overImages = (value: Value): Value => g.reshape(g.sum(value, [0]), [channels]);
  const outward = grouped(gradient);
  const products = g.multiply(outward, g.subtract(grouped(x), perGroup(mean)));
  return {
    x: g.groupNormGradient(x, weight, mean, inverse, gradient, groups),
    weight: overImages(g.multiply(g.sum(products, [3]), perGroup(inverse))),
    bias: overImages(g.sum(outward, [3])),
  };
};

/** Of what an image has in a group; the kernel wants as many ones. */
const groupOf = ({ shape: [, channels, ...pixels] }: Value, groups: number): TensorType =>
  float32([Number(channels) / groups, ...pixels]);

const perRow = ({ shape }: Value): Shape => [...shape.slice(0, -1), 1];

export const normalisation: OperatorEntries<NormalisationSignatures> = {
  softmax: {
    inputs: ['x'],
    attributes: [],
    outputs: ['y'],
    types: ({ x }) => {
      requireType('float32', x);
      return float32(x.shape);
    },
    // y (dy - sum(dy y))
    gradient: ({ g, outputs: { y }, gradient }) => ({
      x: g.multiply(y, g.subtract(gradient, g.sum(g.multiply(gradient, y), [-1]))),
    }),
    flops: 'none',
    memory: {},
  },
  rmsNorm: {
    inputs: ['x', 'weight'],
    attributes: ['epsilon'],
    outputs: ['y', 'inverse'],
    types: ({ x, weight }) => {
      requireType('float32', x, weight);
      requireFit(sameShape(weight.shape, [axisOf(x, -1)]), x, weight);
      return { y: float32(x.shape), inverse: float32(perRow(x)) };
    },
    // With n = x r, r = 1 / rms(x): d/dw = dy n.
    gradient: ({ g, inputs: { x, weight }, outputs: { inverse }, gradient }) => ({
      x: g.rmsNormGradient(x, weight, inverse, gradient),
      weight: g.multiply(gradient, g.multiply(x, inverse)),
    }),
    flops: 'none',
    memory: {},
  },
  layerNorm: {
    inputs: ['x', 'weight', 'bias'],
    attributes: ['epsilon'],
    outputs: ['y', 'mean', 'inverse'],
    types: ({ x, weight, bias }) => {
      requireType('float32', x, weight, bias);
      const fits = [weight, bias].every(({ shape }) => sameShape(shape, [axisOf(x, -1)]));
      requireFit(fits, x, weight, bias);
      return { y: float32(x.shape), mean: float32(perRow(x)), inverse: float32(perRow(x)) };
    },
    // With n = (x - mean) r, r = 1 / deviation: d/dw = dy n, d/db = dy.
    gradient: ({ g, inputs: { x, weight }, outputs: { mean, inverse }, gradient }) => ({
      x: g.layerNormGradient(x, weight, mean, inverse, gradient),
      weight: g.multiply(gradient, g.multiply(g.subtract(x, mean), inverse)),
      bias: gradient,
    }),
    flops: 'none',
    memory: {},
  },
  groupNorm: {
    inputs: ['x', 'weight', 'bias'],
    attributes: ['groups', 'epsilon'],
    outputs: ['y', 'mean', 'inverse'],
    types: ({ x, weight, bias }, { groups }) => {
      requireType('float32', x, weight, bias);
      const channels = axisOf(x, 1);
      requireFit(
        [weight, bias].every(({ shape }) => sameShape(shape, [channels])),
        x,
        weight,
        bias,
      );
      if (!Number.isInteger(Number(channels) / groups))
        throw new Error(`${channels} channels are not ${groups} groups of as many`);
      const perGroup = float32([axisOf(x, 0), groups, 1]);
      return { y: float32(x.shape), mean: perGroup, inverse: perGroup };
    },
    gradient: groupNormGradient,
    flops: 'none',
    memory: {
      workspace: ({ inputs: { x }, attributes: { groups } }) => [groupOf(x, groups)],
    },
  },
};
