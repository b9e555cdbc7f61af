import type { Value } from '../graph.ts';
import type { ElementwiseSignatures } from '../signatures.ts';
import type { OperatorEntries, TensorType } from './entry.ts';
import { broadcast, float32, requireType } from './type-checks.ts';

const unary = {
  inputs: ['x'],
  attributes: [],
  outputs: ['y'],
  types: ({ x }: { readonly x: Value }): TensorType => {
    requireType('float32', x);
    return float32(x.shape);
  },
  flops: 'none',
  memory: {},
} as const;

const binary = {
  inputs: ['a', 'b'],
  attributes: [],
  outputs: ['y'],
  types: ({ a, b }: { readonly a: Value; readonly b: Value }): TensorType => {
    requireType('float32', a, b);
    return float32(broadcast(a, b));
  },
  flops: 'none',
  memory: {},
} as const;

const comparison = {
  ...binary,
  types: ({ a, b }: { readonly a: Value; readonly b: Value }): TensorType => {
    requireType(a.dataType, b);
    return { dataType: 'bool', shape: broadcast(a, b) };
  },
  gradient: 'none',
  memory: {},
} as const;

export const elementwise: OperatorEntries<ElementwiseSignatures> = {
  add: { ...binary, gradient: ({ gradient }) => ({ a: gradient, b: gradient }) },
  subtract: { ...binary, gradient: ({ g, gradient }) => ({ a: gradient, b: g.negate(gradient) }) },
  multiply: {
    ...binary,
    gradient: ({ g, inputs: { a, b }, gradient }) => ({
      a: g.multiply(gradient, b),
      b: g.multiply(gradient, a),
    }),
  },
  divide: {
    ...binary,
    gradient: ({ g, inputs: { b }, outputs: { y }, gradient }) => {
      const byA = g.divide(gradient, b);
      return { a: byA, b: g.negate(g.multiply(byA, y)) };
    },
  },
  minimum: {
    ...binary,
    // Where both are equal the first one takes the gradient.
    gradient: ({ g, inputs: { a, b }, gradient }) => {
      const first = g.lessOrEqual(a, b);
      return { a: g.select(first, gradient, 0), b: g.select(first, 0, gradient) };
    },
    memory: {},
  },
  equal: comparison,
  lessOrEqual: comparison,
  and: {
    ...comparison,
    types: ({ a, b }) => {
      requireType('bool', a, b);
      return { dataType: 'bool', shape: broadcast(a, b) };
    },
  },
  select: {
    inputs: ['condition', 'whenTrue', 'whenFalse'],
    attributes: [],
    outputs: ['y'],
    types: ({ condition, whenTrue, whenFalse }) => {
      requireType('bool', condition);
      requireType('float32', whenTrue, whenFalse);
      return float32(broadcast(condition, whenTrue, whenFalse));
    },
    gradient: ({ g, inputs: { condition }, gradient }) => ({
      condition: undefined,
      whenTrue: g.select(condition, gradient, 0),
      whenFalse: g.select(condition, 0, gradient),
    }),
    flops: 'none',
    // Each branch is masked into a tensor of the output's size before the two are merged.
    memory: { workspace: ({ outputs: { y } }) => [y, y] },
  },
  negate: { ...unary, gradient: ({ g, gradient }) => ({ x: g.negate(gradient) }) },
  absolute: {
    ...unary,
    // The sign as x / |x|, with 0 at 0.
    gradient: ({ g, inputs: { x }, outputs: { y }, gradient }) => ({
      x: g.select(g.lessOrEqual(y, 0), 0, g.multiply(gradient, g.divide(x, y))),
    }),
  },
  exponential: { ...unary, gradient: ({ g, outputs: { y }, gradient }) => ({ x: g.multiply(gradient, y) }) },
  squareRoot: {
    ...unary,
    gradient: ({ g, outputs: { y }, gradient }) => ({ x: g.divide(gradient, g.multiply(y, 2)) }),
  },
  sigmoid: {
    ...unary,
    gradient: ({ g, outputs: { y }, gradient }) => ({
      x: g.multiply(gradient, g.multiply(y, g.subtract(1, y))),
    }),
  },
  tanh: {
    ...unary,
    gradient: ({ g, outputs: { y }, gradient }) => ({
      x: g.multiply(gradient, g.subtract(1, g.multiply(y, y))),
    }),
  },
  erf: {
    ...unary,
    // 2 / sqrt(pi) exp(-x^2)
    gradient: ({ g, inputs: { x }, gradient }) => {
      const bell = g.exponential(g.negate(g.multiply(x, x)));
      return { x: g.multiply(gradient, g.multiply(bell, 2 / Math.sqrt(Math.PI))) };
    },
  },
  silu: {
    ...unary,
    attributes: ['alpha'],
    gradient: ({ g, inputs: { x }, attributes, gradient }) => ({
      x: g.activationGradient(x, gradient, { kind: 'silu', ...attributes }),
    }),
    memory: {},
  },
  gelu: {
    ...unary,
    attributes: ['approximation'],
    gradient: ({ g, inputs: { x }, attributes, gradient }) => ({
      x: g.activationGradient(x, gradient, { kind: 'gelu', ...attributes }),
    }),
    memory: {},
  },
  cast: {
    ...unary,
    attributes: ['to'],
    types: ({ x }, { to }) => ({ dataType: to, shape: x.shape }),
    gradient: ({ g, inputs: { x }, gradient }) => ({ x: g.cast(gradient, x.dataType) }),
    memory: {},
  },
};
