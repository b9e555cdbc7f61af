import type { LoweringRules } from '../rule.ts';

export const loss = {
  linearCrossEntropy: ({
    emitNamed,
    inputs: { rows, weight, targets },
    attributes: { softcap, smoothing, rounded },
  }) =>
    emitNamed(['losses', 'slope'], 'nora.LinearCrossEntropy', [rows, weight, targets], {
      softcap: softcap ?? 0,
      smoothing,
      rounded: rounded ? 1n : 0n,
    }),
} satisfies Partial<LoweringRules>;
