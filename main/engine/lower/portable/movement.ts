import type { MovementSignatures } from '../../graph/signatures.ts';
import { movement as cpu } from '../cpu/movement.ts';
import type { LoweringRules } from '../rule.ts';

export const movement: LoweringRules<MovementSignatures> = {
  reshape: cpu.reshape,
  expand: cpu.expand,
  transpose: cpu.transpose,
  slice: cpu.slice,
  concatenate: cpu.concatenate,
};
