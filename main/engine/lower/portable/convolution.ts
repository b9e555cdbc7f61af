import type { ConvolutionSignatures } from '../../graph/signatures.ts';
import { byInputScattered, convolution as cpu, convolutionByWeight } from '../cpu/convolution.ts';
import type { LoweringRules } from '../rule.ts';

export const convolution: LoweringRules<ConvolutionSignatures> = {
  convolution: cpu.convolution,
  convolutionByInput: byInputScattered,
  convolutionByWeight: convolutionByWeight(({ emit }, d, pixels) =>
    emit('MatMul', [d, emit('Transpose', [pixels], { perm: [1n, 0n] })]),
  ),
  upsample: cpu.upsample,
};
