import type { NormalisationSignatures } from '../../graph/signatures.ts';
import { normalisation as cpu } from '../cpu/normalisation.ts';
import type { LoweringRules } from '../rule.ts';

const keep = { keepdims: 1n };

export const normalisation: LoweringRules<NormalisationSignatures> = {
  softmax: cpu.softmax,
  rmsNorm: ({ emit, inputs: { x, weight }, attributes: { epsilon }, integers, number }) => {
    const square = emit('ReduceMean', [emit('Mul', [x, x]), integers([-1])], keep);
    const root = emit('Sqrt', [emit('Add', [square, number(epsilon)])]);
    const inverse = emit('Reciprocal', [root]);
    return { y: emit('Mul', [emit('Mul', [x, inverse]), weight]), inverse };
  },
  layerNorm: ({ emit, inputs: { x, weight, bias }, attributes: { epsilon }, integers, number }) => {
    const axes = integers([-1]);
    const mean = emit('ReduceMean', [x, axes], keep);
    const centred = emit('Sub', [x, mean]);
    const variance = emit('ReduceMean', [emit('Mul', [centred, centred]), axes], keep);
    const root = emit('Sqrt', [emit('Add', [variance, number(epsilon)])]);
    const inverse = emit('Reciprocal', [root]);
    const scaled = emit('Mul', [emit('Mul', [centred, inverse]), weight]);
    return { y: emit('Add', [scaled, bias]), mean, inverse };
  },
};
