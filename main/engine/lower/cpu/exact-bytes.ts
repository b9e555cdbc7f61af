import type { LoweringTarget } from '../lower.ts';
import type { MultiplyBytes } from './product.ts';
import { addedUp, multiplied } from './sums.ts';

/**
 * The 8-bit product for processors that add pairs of byte products in 16 bits and cut off what does not fit (x86 before VNNI). A pair fits where
 * the rows' bytes are at most 128: 2 · 128 · 127 = 32512 < 2^15. So rows are parted into what lies below their zero (bytes of 1 to 128
 * around 128, as they are) and above it (bytes of 0 to 127 around 0), since max(q, 0) + min(q, 0) = q. Two products take the place of one.
 */
const multipliedExactly: MultiplyBytes = ({ emit, number }, { values, rowScales, weight, scales }) => {
  const zero = number(128, 'uint8');
  const below = emit('Clip', [values, '', zero]);
  const above = emit('BitwiseAnd', [emit('Clip', [values, zero]), number(127, 'uint8')]);
  const times = (bytes: string, itsZero: string): string =>
    emit('MatMulIntegerToFloat', [bytes, weight, number(1), scales, itsZero]);
  const product = emit('Add', [times(below, zero), times(above, number(0, 'uint8'))]);
  return emit('Mul', [product, rowScales]);
};

const { quantizedProducts } = addedUp(multiplied, multipliedExactly);

/** The same graphs, right on processors whose byte products saturate. Weights in 8 bits are for the CPU only. */
export const withExactBytes = (target: LoweringTarget): LoweringTarget => ({
  ...target,
  rules: {
    ...target.rules,
    quantizedMatmul: (context) => multipliedExactly(context, context.inputs),
    quantizedProducts,
  },
});
