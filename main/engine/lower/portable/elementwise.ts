import type { ElementwiseSignatures } from '../../graph/signatures.ts';
import { elementwise as cpu } from '../cpu/elementwise.ts';
import type { LoweringRules } from '../rule.ts';
import { bend } from './gates.ts';

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
  silu: ({ inputs: { x }, attributes, ...context }) => bend(context, x, { kind: 'silu', ...attributes }),
  gelu: ({ inputs: { x }, attributes, ...context }) => bend(context, x, { kind: 'gelu', ...attributes }),
  cast: cpu.cast,
};
