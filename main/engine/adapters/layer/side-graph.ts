import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { Factor, Side } from './layer-adapter.ts';

/** A product and what still stands left of it as diagonals. */
const product = (g: GraphBuilder, factors: readonly Factor[], valueOf: (factor: Factor) => Value): Value =>
  factors
    .map((factor) => ({ factor, value: valueOf(factor) }))
    .reduce((left, right) => {
      const { rows } = left.factor;
      if (left.factor.diagonal)
        return {
          factor: { ...right.factor, rows },
          value: g.multiply(g.reshape(left.value, [rows, 1]), right.value),
        };
      if (right.factor.diagonal) return { factor: left.factor, value: g.multiply(left.value, right.value) };
      return { factor: { ...right.factor, rows }, value: g.matmul(left.value, right.value) };
    }).value;

/** A side multiplied out in a graph. */
export const sideValue = (g: GraphBuilder, side: Side, valueOf: (factor: Factor) => Value): Value =>
  side.map((factors) => product(g, factors, valueOf)).reduce((a, b) => g.add(a, b));
