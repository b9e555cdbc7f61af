import { gatesBy, type Bend } from '../cpu/gates.ts';

export const bend: Bend = ({ emit, number }, x, activation) => {
  if (activation.kind === 'silu') {
    const { alpha } = activation;
    const scaled = alpha === 1 ? x : emit('Mul', [x, number(alpha)]);
    return emit('Mul', [x, emit('Sigmoid', [scaled])]);
  }
  const argument =
    activation.approximation === 'none'
      ? emit('Erf', [emit('Mul', [x, number(Math.SQRT1_2)])])
      : emit('Tanh', [
          emit('Mul', [
            emit('Mul', [x, number(Math.sqrt(2 / Math.PI))]),
            emit('Add', [emit('Mul', [emit('Mul', [x, x]), number(0.044715)]), number(1)]),
          ]),
        ]);
  return emit('Mul', [emit('Mul', [x, number(0.5)]), emit('Add', [argument, number(1)])]);
};

export const gates = gatesBy(bend);
