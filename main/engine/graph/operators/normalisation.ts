import { sameShape, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { NormalisationSignatures } from '../signatures.ts';
import type { GradientRule, OperatorEntries } from './entry.ts';
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
};
