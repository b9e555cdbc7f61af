import type { NormalisationSignatures } from '../../graph/signatures.ts';
import { normalisation as cpu } from '../cpu/normalisation.ts';
import type { Constants } from '../constants.ts';
import type { Emit } from '../emitter.ts';
import type { LoweringRules } from '../rule.ts';

const keep = { keepdims: 1n };

/** x / rms(x) * weight, and 1 / rms(x). */
export const rmsNorm = (
  { emit, integers, number }: Pick<Constants, 'integers' | 'number'> & { readonly emit: Emit },
  { x, weight, epsilon }: { readonly x: string; readonly weight: string; readonly epsilon: number },
): { readonly y: string; readonly inverse: string } => {
  const square = emit('ReduceMean', [emit('Mul', [x, x]), integers([-1])], keep);
  const root = emit('Sqrt', [emit('Add', [square, number(epsilon)])]);
  const inverse = emit('Reciprocal', [root]);
  return { y: emit('Mul', [emit('Mul', [x, inverse]), weight]), inverse };
};

export const normalisation: LoweringRules<NormalisationSignatures> = {
  softmax: cpu.softmax,
  rmsNorm: (context) => rmsNorm(context, { ...context.inputs, ...context.attributes }),
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
