import { product, sameShape, type Dimension, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { NormalisationSignatures } from '../signatures.ts';
import type { GradientRule, OperatorEntries, TensorType } from './entry.ts';
import { axisOf, float32, requireFit, requireType } from './type-checks.ts';

/** With n = x r, r = 1 / rms(x): d/dx = r (w dy - n mean(w dy n)), d/dw = dy n. */
const rmsNormGradient: GradientRule<'rmsNorm'> = ({
  g,
  inputs: { x, weight },
  outputs: { inverse },
  gradient,
}) => {
  const normalised = g.multiply(x, inverse);
  const scaled = g.multiply(gradient, weight);
  const along = g.mean(g.multiply(scaled, normalised), [-1]);
  return {
    x: g.multiply(inverse, g.subtract(scaled, g.multiply(normalised, along))),
    weight: g.multiply(gradient, normalised),
  };
};

/** With n = (x - mean) r, r = 1 / deviation: d/dx = r (w dy - mean(w dy) - n mean(w dy n)), d/dw = dy n, d/db = dy. */
const layerNormGradient: GradientRule<'layerNorm'> = ({
  g,
  inputs: { x, weight },
  outputs: { mean, inverse },
  gradient,
}) => {
  const normalised = g.multiply(g.subtract(x, mean), inverse);
  const scaled = g.multiply(gradient, weight);
  const along = g.mean(g.multiply(scaled, normalised), [-1]);
  const centred = g.subtract(scaled, g.mean(scaled, [-1]));
  return {
    x: g.multiply(inverse, g.subtract(centred, g.multiply(normalised, along))),
    weight: g.multiply(gradient, normalised),
    bias: gradient,
  };
};

/**
 * With n = (x - mean) r, r = 1 / deviation of the group: d/dx = r (w dy - mean(w dy) - n mean(w dy n)), d/dw = sum(dy n), d/db = sum(dy). Means
 * over a group are those over its channels of what is known of each channel, so that few passes go over all pixels.
 */
const groupNormGradient: GradientRule<'groupNorm'> = ({
  g,
  inputs: { x, weight },
  outputs: { mean, inverse },
  attributes: { groups },
  gradient,
}) => {
  const [images, channels, ...pixels] = x.shape as [Dimension, number, ...Shape];
  const ofGroup = channels / groups;
  const grouped = (value: Value): Value => g.reshape(value, [images, groups, ofGroup, product(pixels)]);
  const perGroup = (value: Value): Value => g.reshape(value, [images, groups, 1, 1]);
  const perChannel = g.reshape(weight, [groups, ofGroup, 1]);
  const overImages = (value: Value): Value => g.reshape(g.sum(value, [0]), [channels]);

  const [centred, outward, inverses] = [
    g.subtract(grouped(x), perGroup(mean)),
    grouped(gradient),
    perGroup(inverse),
  ];
  const products = g.multiply(outward, centred);
  const along = g.mean(g.multiply(g.mean(products, [3]), perChannel), [2]);
  const middle = g.mean(g.multiply(g.mean(outward, [3]), perChannel), [2]);
  const bySlope = g.multiply(outward, g.multiply(perChannel, inverses));
  const cubed = g.multiply(inverses, g.multiply(inverses, inverses));
  const byDeviation = g.multiply(centred, g.multiply(along, cubed));
  const byX = g.subtract(g.subtract(bySlope, byDeviation), g.multiply(middle, inverses));
  return {
    x: g.reshape(byX, x.shape),
    weight: overImages(g.multiply(g.sum(products, [3]), inverses)),
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
    memory: { inPlace: ['x'] },
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
    gradient: rmsNormGradient,
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
    gradient: layerNormGradient,
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
    // Known until groups are rows.
    memory: {
      unknownAxes: [2, 3],
      workspace: ({ inputs: { x }, attributes: { groups } }) => [groupOf(x, groups)],
    },
  },
};
