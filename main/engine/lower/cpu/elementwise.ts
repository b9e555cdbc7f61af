import type { ElementwiseSignatures } from '../../graph/signatures.ts';
import { typeNumber } from '../onnx-model.ts';
import { bend } from './gates.ts';
import type { LoweringContext, LoweringRules } from '../rule.ts';

const unary =
  (type: string) =>
  ({ emit, inputs: { x } }: Pick<LoweringContext<'negate'>, 'emit' | 'inputs'>): string =>
    emit(type, [x]);

const binary =
  (type: string) =>
  ({ emit, inputs: { a, b } }: Pick<LoweringContext<'add'>, 'emit' | 'inputs'>): string =>
    emit(type, [a, b]);

export const elementwise: LoweringRules<ElementwiseSignatures> = {
  add: binary('Add'),
  subtract: binary('Sub'),
  multiply: binary('Mul'),
  divide: binary('Div'),
  minimum: binary('Min'),
  equal: binary('Equal'),
  lessOrEqual: binary('LessOrEqual'),
  and: binary('And'),
  select: ({ emit, inputs: { condition, whenTrue, whenFalse } }) =>
    emit('Where', [condition, whenTrue, whenFalse]),
  negate: unary('Neg'),
  absolute: unary('Abs'),
  exponential: unary('Exp'),
  squareRoot: unary('Sqrt'),
  sigmoid: unary('Sigmoid'),
  tanh: unary('Tanh'),
  erf: unary('Erf'),
  silu: ({ inputs: { x }, attributes, ...context }) => bend(context, x, { kind: 'silu', ...attributes }),
  gelu: ({ inputs: { x }, attributes, ...context }) => bend(context, x, { kind: 'gelu', ...attributes }),
  cast: ({ emit, inputs: { x }, attributes: { to } }) => emit('Cast', [x], { to: typeNumber(to) }),
};
