import type { IdentitySignatures } from '../../graph/signatures.ts';
import { identity as cpu } from '../cpu/identity.ts';
import type { LoweringRules } from '../rule.ts';

/** In no order: a device's memory is not what that saves, and a shape known only at run time would be computed on the CPU. */
export const identity: LoweringRules<IdentitySignatures> = {
  detach: cpu.detach,
  after: ({ emit, inputs: { x } }) => emit('Identity', [x]),
  knownGradient: ({ emit, inputs: { y } }) => emit('Identity', [y]),
};
