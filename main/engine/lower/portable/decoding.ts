import type { DecodingSignatures } from '../../graph/signatures.ts';
import { decoding as cpu } from '../cpu/decoding.ts';
import type { LoweringRules } from '../rule.ts';
import { rmsNorm } from './normalisation.ts';

export const decoding: LoweringRules<DecodingSignatures> = {
  ...cpu,
  addRmsNorm: (context) => {
    const { emit, inputs, attributes } = context;
    const sum = emit('Add', [inputs.a, inputs.b]);
    return { sum, y: rmsNorm(context, { x: sum, weight: inputs.weight, epsilon: attributes.epsilon }).y };
  },
};
