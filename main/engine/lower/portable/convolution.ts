import type { ConvolutionSignatures } from '../../graph/signatures.ts';
import { convolution as cpu, convolutionByWeight } from '../cpu/convolution.ts';
import type { LoweringRules } from '../rule.ts';

export const convolution: LoweringRules<ConvolutionSignatures> = {
  convolution: cpu.convolution,
  convolutionByInput: cpu.convolutionByInput,
  convolutionByWeight: convolutionByWeight(({ emit }, d, pixels) =>
    emit('MatMul', [d, emit('Transpose', [pixels], { perm: [0n, 2n, 1n] })]),
  ),
  upsample: cpu.upsample,
};
