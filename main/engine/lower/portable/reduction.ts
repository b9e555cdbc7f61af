import type { ReductionSignatures } from '../../graph/signatures.ts';
import { reduction as cpu } from '../cpu/reduction.ts';
import type { LoweringRules } from '../rule.ts';

export const reduction: LoweringRules<ReductionSignatures> = {
  sum: cpu.sum,
  mean: cpu.mean,
  maximum: cpu.maximum,
  secondMoment: cpu.secondMoment,
};
