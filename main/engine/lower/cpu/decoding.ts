import type { DecodingSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

export const decoding: LoweringRules<DecodingSignatures> = {
  bitMatmul: ({ emit, inputs: { x, weight, scales }, attributes: { bits, columns, blockSize }, values }) =>
    emit('MatMulNBits', [x, weight, scales], {
      K: BigInt(columns),
      N: BigInt(values.inputs.weight.shape[0] as number),
      bits: BigInt(bits),
      block_size: BigInt(blockSize),
      // Sums of 8-bit products: twice as fast as widening the weight.
      accuracy_level: 4n,
    }),
};
