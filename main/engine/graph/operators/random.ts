import { sameShape } from '../dimension.ts';
import type { RandomSignatures } from '../signatures.ts';
import type { InputsOf, NodeView, OperatorEntries, TensorType } from './entry.ts';
import { axisOf, describe, float32, requireType } from './type-checks.ts';

const drawn = {
  inputs: ['factors', 'shifts', 'columns'],
  outputs: ['y'],
  types: ({ factors, shifts, columns }: InputsOf<'uniform'>): TensorType => {
    requireType('int64', factors, shifts, columns);
    const isColumn = factors.shape.length === 2 && factors.shape[1] === 1;
    if (!isColumn || !sameShape(factors.shape, shifts.shape) || columns.shape.length !== 1)
      throw new Error(`needs (n x 1), (n x 1) and (m), has ${describe(factors, shifts, columns)}`);
    return float32([axisOf(factors, 0), axisOf(columns, 0)]);
  },
  gradient: 'none',
  flops: 'none',
  // Products and sums in 32-bit integers.
  memory: { workspace: ({ outputs: { y } }: Pick<NodeView<'uniform'>, 'outputs'>) => [y, y] },
} as const;

export const random: OperatorEntries<RandomSignatures> = {
  uniform: { ...drawn, attributes: [] },
  bernoulli: { ...drawn, attributes: ['probability'] },
};
