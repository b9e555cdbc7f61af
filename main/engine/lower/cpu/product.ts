import type { Value } from '../../graph/graph.ts';
import type { ProductSignatures } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';

/**
 * Whether stacks of matrices, one of them transposed, are multiplied over an axis that may have nothing on it: FusedMatMul then leaves
 * its result as it finds it (ONNX Runtime 1.30), where MatMul, and FusedMatMul of plain matrices, give zeros.
 */
const isStackOverNothing = ({
  attributes: { transposeA, transposeB },
  values,
}: LoweringContext<'matmul'>): boolean => {
  const { a, b } = values.inputs;
  const inner = a.shape.at(transposeA ? -2 : -1);
  const isStack = a.shape.length > 2 || b.shape.length > 2;
  return isStack && (transposeA || transposeB) && (typeof inner !== 'number' || inner === 0);
};

/** The transposed operands turned by nodes of their own. */
const turnedMatmul: LoweringRule<'matmul'> = ({
  emit,
  inputs: { a, b },
  attributes: { transposeA, transposeB },
  values,
}) => {
  const turned = (name: string, { shape }: Value, isTransposed: boolean): string => {
    if (!isTransposed) return name;
    const axes = shape.map((_, axis) => BigInt(axis));
    return emit('Transpose', [name], {
      perm: [...axes.slice(0, -2), axes.at(-1) as bigint, axes.at(-2) as bigint],
    });
  };
  return emit('MatMul', [turned(a, values.inputs.a, transposeA), turned(b, values.inputs.b, transposeB)]);
};

/** Adds a product of bytes. */
export type MultiplyBytes = (
  context: Pick<LoweringContext<'quantizedMatmul'>, 'emit' | 'number'>,
  inputs: Pick<LoweringContext<'quantizedMatmul'>['inputs'], 'values' | 'rowScales' | 'weight' | 'scales'>,
) => string;

export const multipliedBytes: MultiplyBytes = ({ emit, number }, { values, rowScales, weight, scales }) => {
  const product = emit('MatMulIntegerToFloat', [values, weight, number(1), scales, number(128, 'uint8')]);
  return emit('Mul', [product, rowScales]);
};

export const product: LoweringRules<ProductSignatures> = {
  matmul: (context) => {
    if (isStackOverNothing(context)) return turnedMatmul(context);
    const {
      emit,
      inputs: { a, b },
      attributes: { transposeA, transposeB },
    } = context;
    if (!transposeA && !transposeB) return emit('MatMul', [a, b]);
    return emit('FusedMatMul', [a, b], { transA: transposeA ? 1n : 0n, transB: transposeB ? 1n : 0n });
  },
  // Row maxima by two reductions: |x| as a whole would be one more pass over it. Rows of zeros get a scale that is not zero.
  quantizeRows: ({ emit, inputs: { x }, integers, number }) => {
    const columns = integers([1]);
    const high = emit('ReduceMax', [x, columns], { keepdims: 1n });
    const low = emit('ReduceMin', [x, columns], { keepdims: 1n });
    const largest = emit('Max', [high, emit('Neg', [low]), number(1e-30)]);
    const scales = emit('Mul', [largest, number(1 / 127)]);
    const flat = emit('Reshape', [scales, integers([-1])]);
    const extent = emit('Shape', [flat]);
    const zeros = emit('Expand', [number(128, 'uint8', [1]), extent]);
    return { values: emit('QuantizeLinear', [x, flat, zeros], { axis: 0n }), scales };
  },
  quantizedMatmul: (context) => multipliedBytes(context, context.inputs),
  blockMatmul: ({ emit, inputs: { x, weight, scales }, attributes: { transposed, blockSize } }) => {
    // The axis is named from both ends: alike, the two directions would be merged and keep every wide weight from the forward
    // pass to the backward one.
    const wide = emit('DequantizeLinear', [weight, scales], {
      axis: transposed ? -1n : 1n,
      block_size: BigInt(blockSize),
    });
    return emit('FusedMatMul', [x, wide], { transA: 0n, transB: transposed ? 0n : 1n });
  },
};
