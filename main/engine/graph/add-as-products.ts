import type { GraphBuilder } from './builder.ts';
import type { Value } from './graph.ts';
import { operandsOf } from './operators/sums.ts';
import type { Origin } from './origin.ts';
import type { Transposed } from './signatures.ts';

/** What a value is the sum of: products of rounded rows with 8-bit weights, of plain matrices, and something beside them. */
interface Sum {
  readonly base: Value | null;
  /** What each of the first takes. */
  readonly quantized: readonly (readonly Value[])[];
  readonly factors: readonly Value[];
  readonly transposed: readonly Transposed[];
  /** Of the node that gives it, where that multiplies. */
  readonly origin?: Origin;
}

const nothing = { base: null, quantized: [], factors: [], transposed: [] } as const;

const alone = (base: Value): Sum => ({ ...nothing, base });

/** The longest axis that a sum's products go over: results are of one size, so that is the one which costs most. */
const longestAxis = ({ quantized, factors, transposed }: Sum): number =>
  Math.max(
    0,
    ...[
      ...quantized.map(([x]) => x!.shape[1]),
      ...transposed.map(([isLeftTransposed], at) => factors[2 * at]!.shape[isLeftTransposed ? 0 : 1]),
    ].map((extent) => (typeof extent === 'number' ? extent : Infinity)),
  );

/** A layer's own product, not its adapter's, says what a sum is for. */
const mainOrigin = (sums: readonly [Sum, Sum]): Origin =>
  sums
    .filter(({ origin }) => origin)
    .reduce((main, other) => (longestAxis(other) > longestAxis(main) ? other : main)).origin as Origin;

const sumIn = (g: GraphBuilder, value: Value): Sum => {
  const node = g.producerOf(value);
  switch (node?.operator) {
    case 'matmul': {
      const { inputs, attributes, origin } = node;
      if (inputs.some(({ shape }) => shape.length !== 2)) break;
      const transposed = [[attributes.transposeA, attributes.transposeB]] as const;
      return { ...nothing, factors: inputs, transposed, origin };
    }
    case 'sumOfProducts': {
      const { inputs, attributes, origin } = node;
      return { ...nothing, factors: inputs, transposed: attributes.transposed, origin };
    }
    case 'addProducts': {
      const [base, ...factors] = node.inputs as [Value, ...Value[]];
      return { ...nothing, base, factors, transposed: node.attributes.transposed, origin: node.origin };
    }
    case 'quantizedMatmul':
      return { ...nothing, quantized: [node.inputs], origin: node.origin };
    case 'quantizedProducts': {
      const { inputs, attributes, origin } = node;
      const [quantized, factors] = operandsOf(inputs, attributes.count);
      return {
        ...{ base: null, quantized: quantized.map(Object.values<Value>) },
        ...{ factors, transposed: attributes.transposed, origin },
      };
    }
  }
  return alone(value);
};

/**
 * a + b as one operator where they are products of matrices, or sums of them, so that no product is written for the sum alone.
 *
 * @param isOpen whether nothing else uses one of them: what something else does would be computed twice
 */
export const addAsProducts = (
  g: GraphBuilder,
  [a, b]: readonly [Value, Value],
  isOpen: (value: Value) => boolean,
): Value => {
  const [first, second] = [a, b].map((value) => (isOpen(value) ? sumIn(g, value) : alone(value))) as [
    Sum,
    Sum,
  ];
  const quantized = [...first.quantized, ...second.quantized];
  const factors = [...first.factors, ...second.factors];
  const transposed = [...first.transposed, ...second.transposed];
  const bases = [first.base, second.base].filter((base) => base !== null);
  if (transposed.length === 0 && quantized.length < 2) return g.add(a, b);
  return g.from(mainOrigin([first, second]), () => {
    if (quantized.length > 0) {
      const attributes = { count: quantized.length, transposed };
      const sum = g.quantizedProducts([...quantized.flat(), ...factors], attributes);
      return [...bases, sum].reduce((all, each) => g.add(all, each));
    }
    if (bases.length === 0) return g.sumOfProducts(factors, transposed);
    const base = bases.reduce((all, each) => g.add(all, each));
    return g.addProducts(base, factors, transposed);
  });
};
