import type { LoweringRules } from '../rule.ts';

export const normalisation = {
  groupNorm: ({ emitNamed, inputs: { x, weight, bias }, attributes: { groups, epsilon } }) =>
    emitNamed(['y', 'mean', 'inverse'], 'nora.GroupNorm', [x, weight, bias], {
      groups: BigInt(groups),
      epsilon,
    }),
  rmsNormGradient: ({ emit, inputs: { x, weight, inverse, gradient } }) =>
    emit('nora.NormGradient', [x, weight, '', inverse, gradient]),
  layerNormGradient: ({ emit, inputs: { x, weight, mean, inverse, gradient } }) =>
    emit('nora.NormGradient', [x, weight, mean, inverse, gradient]),
  groupNormGradient: ({ emit, inputs: { x, weight, mean, inverse, gradient }, attributes: { groups } }) =>
    emit('nora.GroupNormGradient', [x, weight, mean, inverse, gradient], { groups: BigInt(groups) }),
} satisfies Partial<LoweringRules>;
