import type { NormGradientSignatures } from '../../graph/signatures.ts';
import { normGradients as cpu } from '../cpu/norm-gradients.ts';
import type { LoweringRules } from '../rule.ts';

export const normGradients: LoweringRules<NormGradientSignatures> = {
  rmsNormGradient: cpu.rmsNormGradient,
  layerNormGradient: cpu.layerNormGradient,
  groupNormGradient: cpu.groupNormGradient,
};
