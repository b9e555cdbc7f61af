import { product, resolveAxis } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { ReductionSignatures } from '../signatures.ts';
import type { OperatorEntries, TensorType } from './entry.ts';
import { axisOf, float32, requireMatrices, requireType } from './type-checks.ts';

const alongAxes = {
  inputs: ['x'],
  attributes: ['axes'],
  outputs: ['y'],
  types: ({ x }: { readonly x: Value }, { axes }: { readonly axes: readonly number[] }): TensorType => {
    requireType('float32', x);
    const reduced = new Set(axes.map((axis) => resolveAxis(axis, x.shape.length)));
    return float32(x.shape.map((dimension, axis) => (reduced.has(axis) ? 1 : dimension)));
  },
  flops: 'none',
  memory: {},
} as const;

const extentAlong = (x: Value, axes: readonly number[]): number => {
  const extent = product(axes.map((axis) => axisOf(x, axis)));
  if (typeof extent !== 'number')
    throw new Error(`the gradient of a mean needs known extents, has ${extent}`);
  return extent;
};

/** Sums and means hand the gradient to everything that was summed. Statistics, the other two, are not trained through. */
export const reduction: OperatorEntries<ReductionSignatures> = {
  sum: {
    ...alongAxes,
    gradient: ({ g, inputs: { x }, gradient }) => ({ x: g.expand(gradient, x.shape) }),
  },
  mean: {
    ...alongAxes,
    gradient: ({ g, inputs: { x }, attributes: { axes }, gradient }) => ({
      x: g.expand(g.divide(gradient, extentAlong(x, axes)), x.shape),
    }),
  },
  maximum: { ...alongAxes, gradient: 'none' },
  secondMoment: {
    inputs: ['x'],
    attributes: [],
    outputs: ['y'],
    types: ({ x }) => {
      requireType('float32', x);
      requireMatrices(x);
      return { dataType: 'float64', shape: [axisOf(x, -1), axisOf(x, -1)] };
    },
    gradient: 'none',
    flops: 'none',
    memory: {},
  },
};
