import type { ElementwiseSignatures } from '../../graph/signatures.ts';
import { elementwise as cpu } from '../cpu/elementwise.ts';
import type { LoweringRules } from '../rule.ts';

export const elementwise: LoweringRules<ElementwiseSignatures> = {
  add: cpu.add,
  subtract: cpu.subtract,
  multiply: cpu.multiply,
  divide: cpu.divide,
  minimum: ({ emit, inputs: { a, b } }) => emit('Where', [emit('LessOrEqual', [a, b]), a, b]),
  equal: cpu.equal,
  lessOrEqual: cpu.lessOrEqual,
  and: cpu.and,
  select: cpu.select,
  negate: cpu.negate,
  absolute: cpu.absolute,
  exponential: cpu.exponential,
  squareRoot: cpu.squareRoot,
  sigmoid: cpu.sigmoid,
  tanh: cpu.tanh,
  erf: cpu.erf,
  silu: ({ emit, inputs: { x }, attributes: { alpha }, number }) => {
    const scaled = alpha === 1 ? x : emit('Mul', [x, number(alpha)]);
    return emit('Mul', [x, emit('Sigmoid', [scaled])]);
  },
  gelu: ({ emit, inputs: { x }, attributes: { approximation }, number }) => {
    const argument =
      approximation === 'none'
        ? emit('Erf', [emit('Mul', [x, number(Math.SQRT1_2)])])
        : emit('Tanh', [
            emit('Mul', [
              emit('Mul', [x, number(Math.sqrt(2 / Math.PI))]),
              emit('Add', [emit('Mul', [emit('Mul', [x, x]), number(0.044715)]), number(1)]),
            ]),
          ]);
    return emit('Mul', [emit('Mul', [x, number(0.5)]), emit('Add', [argument, number(1)])]);
  },
  cast: cpu.cast,
};
