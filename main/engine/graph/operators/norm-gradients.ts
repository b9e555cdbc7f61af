import { sameShape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { NormGradientSignatures } from '../signatures.ts';
import type { OperatorEntries, TensorType } from './entry.ts';
import { axisOf, float32, requireFit, requireType } from './type-checks.ts';

interface OfNorm {
  readonly x: Value;
  readonly weight: Value;
  readonly gradient: Value;
}

const ofRows = ({ x, weight, gradient }: OfNorm, ...statistics: readonly Value[]): TensorType => {
  requireType('float32', x, weight, gradient, ...statistics);
  const perRow = [...x.shape.slice(0, -1), 1];
  requireFit(
    sameShape(weight.shape, [axisOf(x, -1)]) &&
      sameShape(gradient.shape, x.shape) &&
      statistics.every(({ shape }) => sameShape(shape, perRow)),
    x,
    weight,
    ...statistics,
    gradient,
  );
  return float32(x.shape);
};

const shared = {
  attributes: [],
  outputs: ['y'],
  gradient: 'none',
  flops: 'none',
  // What is normalised, what flows in times the weight, and their product are there at a time; the result takes over one of them.
  memory: { workspace: ({ outputs: { y } }: { readonly outputs: { readonly y: Value } }) => [y, y] },
} as const;

export const normGradients: OperatorEntries<NormGradientSignatures> = {
  rmsNormGradient: {
    ...shared,
    inputs: ['x', 'weight', 'inverse', 'gradient'],
    types: ({ inverse, ...others }) => ofRows(others, inverse),
  },
  layerNormGradient: {
    ...shared,
    inputs: ['x', 'weight', 'mean', 'inverse', 'gradient'],
    types: ({ mean, inverse, ...others }) => ofRows(others, mean, inverse),
  },
  groupNormGradient: {
    ...shared,
    inputs: ['x', 'weight', 'mean', 'inverse', 'gradient'],
    attributes: ['groups'],
    types: ({ x, weight, mean, inverse, gradient }, { groups }) => {
      requireType('float32', x, weight, mean, inverse, gradient);
      const perGroup = [axisOf(x, 0), groups, 1];
      requireFit(
        sameShape(weight.shape, [axisOf(x, 1)]) &&
          sameShape(gradient.shape, x.shape) &&
          [mean, inverse].every(({ shape }) => sameShape(shape, perGroup)),
        ...[x, weight, mean, inverse, gradient],
      );
      return float32(x.shape);
    },
  },
};
