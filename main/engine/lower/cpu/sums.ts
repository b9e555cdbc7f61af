import { operandsOf } from '../../graph/operators/sums.ts';
import type { SumSignatures, Transposed } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRules } from '../rule.ts';
import { multipliedBytes, type MultiplyBytes } from './product.ts';

type Emit = LoweringContext<'matmul'>['emit'];

/** Adds a product of plain matrices. */
type Multiply = (emit: Emit, factors: readonly [string, string], transposed: Transposed) => string;

/** Products one by one, each added to what there is. */
export const addedUp = (
  multiply: Multiply,
  multiplyBytes: MultiplyBytes = multipliedBytes,
): LoweringRules<SumSignatures> => {
  const products = (emit: Emit, factors: readonly string[], transposed: readonly Transposed[]): string[] =>
    transposed.map((each, at) =>
      multiply(emit, [factors[2 * at] as string, factors[2 * at + 1] as string], each),
    );
  const added = (emit: Emit, values: readonly string[]): string =>
    values.reduce((sum, value) => emit('Add', [sum, value]));
  return {
    sumOfProducts: ({ emit, inputs: { factors }, attributes: { transposed } }) =>
      added(emit, products(emit, factors, transposed)),
    addProducts: ({ emit, inputs: { base, factors }, attributes: { transposed } }) =>
      added(emit, [base, ...products(emit, factors, transposed)]),
    quantizedProducts: (context) => {
      const { emit, inputs, attributes } = context;
      const [quantized, factors] = operandsOf(inputs.operands, attributes.count);
      return added(emit, [
        ...quantized.map((each) => multiplyBytes(context, each)),
        ...products(emit, factors, attributes.transposed),
      ]);
    },
  };
};

export const multiplied: Multiply = (emit, factors, [transposeA, transposeB]) =>
  transposeA || transposeB
    ? emit('FusedMatMul', factors, { transA: transposeA ? 1n : 0n, transB: transposeB ? 1n : 0n })
    : emit('MatMul', factors);

export const sums = addedUp(multiplied);
