import type { DecodingSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

export const decoding: LoweringRules<DecodingSignatures> = {
  split: ({ emitNamed, inputs: { x }, attributes: { axis, at }, values, integers }) => {
    const extent = values.inputs.x.shape[axis] as number;
    return emitNamed(['before', 'from'], 'Split', [x, integers([at, extent - at])], { axis: BigInt(axis) });
  },
  // Its other outputs, of training, stay unwritten on the CPU.
  addRmsNorm: ({ emitNamed, inputs: { a, b, weight }, attributes: { epsilon } }) =>
    emitNamed(['y', '', '', 'sum'], 'SkipSimplifiedLayerNormalization', [a, b, weight], { epsilon }),
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
