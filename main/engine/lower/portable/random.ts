import type { RandomSignatures } from '../../graph/signatures.ts';
import { random as cpu } from '../cpu/random.ts';
import type { LoweringRules } from '../rule.ts';

export const random: LoweringRules<RandomSignatures> = {
  uniform: cpu.uniform,
  bernoulli: cpu.bernoulli,
};
