import type { RandomSignatures } from '../../graph/signatures.ts';
import { typeNumber } from '../onnx-model.ts';
import type { LoweringContext, LoweringRules } from '../rule.ts';

/** factors[i] columns[j] + shifts[i] in 32-bit integers, which wrap. */
const hashed = ({ emit, inputs }: Pick<LoweringContext<'uniform'>, 'emit' | 'inputs'>): string => {
  const narrow = (name: string): string => emit('Cast', [name], { to: typeNumber('int32') });
  const [factors, shifts, columns] = [narrow(inputs.factors), narrow(inputs.shifts), narrow(inputs.columns)];
  return emit('Add', [emit('Mul', [factors, columns]), shifts]);
};

export const random: LoweringRules<RandomSignatures> = {
  uniform: (context) => {
    const { emit, number } = context;
    const whole = emit('Cast', [hashed(context)], { to: typeNumber('float32') });
    return emit('Mul', [whole, number(2 ** -31)]);
  },
  bernoulli: (context) => {
    const { emit, number, attributes } = context;
    const most = Math.round((2 * attributes.probability - 1) * 2 ** 31);
    const threshold = number(Math.min(most, 2 ** 31 - 1), 'int32');
    const isOne = emit('LessOrEqual', [hashed(context), threshold]);
    return emit('Cast', [isOne], { to: typeNumber('float32') });
  },
};
