import { sameShape, type Dimension, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import { byName, inOrder, type Named } from '../named.ts';
import type { Signatures, SumSignatures, Transposed } from '../signatures.ts';
import type { GradientContext, OperatorEntries } from './entry.ts';
import { matmulGradient, product, quantizedGradient } from './product.ts';
import { axisOf, describe, float32, requireFit, requireMatrices, requireType } from './type-checks.ts';

/** One product of a sum. */
interface Term {
  readonly left: Value;
  readonly right: Value;
  readonly transposed: Transposed;
}

/** The products that a list of factors and what is said of it stand for. @throws Error where they do not go together */
export const termsOf = (factors: readonly Value[], transposed: readonly Transposed[]): readonly Term[] => {
  if (factors.length !== 2 * transposed.length)
    throw new Error(`${factors.length} factors for ${transposed.length} products`);
  return transposed.map((each, at) => ({
    left: factors[2 * at] as Value,
    right: factors[2 * at + 1] as Value,
    transposed: each,
  }));
};

const turned = ({ shape }: Value, isTransposed: boolean): Shape =>
  isTransposed ? shape.toReversed() : shape;

const quantizedNames = product.quantizedMatmul.inputs;

/** Operands as what they are multiplied from: those of 8-bit products by their names, and factors of plain ones in turn. */
export const operandsOf = <T>(
  operands: readonly T[],
  count: number,
): readonly [
  quantized: readonly Named<Signatures['quantizedMatmul']['inputs'], T>[],
  factors: readonly T[],
] => {
  const each = quantizedNames.length;
  const quantized = Array.from({ length: count }, (_, at) =>
    byName<Signatures['quantizedMatmul']['inputs'], T>(
      quantizedNames,
      operands.slice(at * each, (at + 1) * each),
    ),
  );
  return [quantized, operands.slice(count * each)];
};

/** What the sum of a product goes over. */
export const innerOf = ({ left, transposed }: Term): Dimension => axisOf(left, transposed[0] ? 0 : 1);

const shapeOfProduct = ({ left, right, transposed }: Term): Shape => {
  requireType('float32', left, right);
  requireMatrices(left, right);
  const [rows, inner] = turned(left, transposed[0]) as [Dimension, Dimension];
  const [other, columns] = turned(right, transposed[1]) as [Dimension, Dimension];
  if (inner !== other)
    throw new Error(`${describe(left, right)} do not multiply (transposed: ${transposed.join(', ')})`);
  return [rows, columns];
};

const gradients = <O extends keyof SumSignatures>(
  { g, gradient }: Pick<GradientContext<O>, 'g' | 'gradient'>,
  terms: readonly Term[],
): Value[] =>
  terms.flatMap(({ left: a, right: b, transposed: [transposeA, transposeB] }) => {
    const by = matmulGradient({ g, gradient, inputs: { a, b }, attributes: { transposeA, transposeB } });
    return [by.a, by.b];
  });

export const sums: OperatorEntries<SumSignatures> = {
  sumOfProducts: {
    inputs: ['...factors'],
    attributes: ['transposed'],
    outputs: ['y'],
    types: ({ factors }, { transposed }) => {
      const [first, ...others] = termsOf(factors, transposed).map(shapeOfProduct);
      if (!first) throw new Error('takes at least one product');
      requireFit(
        others.every((shape) => sameShape(shape, first)),
        ...factors,
      );
      return float32(first);
    },
    gradient: ({ inputs: { factors }, attributes: { transposed }, ...context }) => ({
      factors: gradients(context, termsOf(factors, transposed)),
    }),
    flops: ({ inputs: { factors }, outputs: { y }, attributes: { transposed } }, extent) =>
      flopsOf(termsOf(factors, transposed), y, extent),
    // Every product after the first is a tensor of its own before it is added.
    memory: {
      workspace: ({ outputs: { y }, attributes: { transposed } }) => (transposed.length > 1 ? [y] : []),
    },
  },
  addProducts: {
    inputs: ['base', '...factors'],
    attributes: ['transposed'],
    outputs: ['y'],
    types: ({ base, factors }, { transposed }) => {
      requireType('float32', base);
      requireFit(
        termsOf(factors, transposed).every((term) => sameShape(shapeOfProduct(term), base.shape)),
        base,
        ...factors,
      );
      return float32(base.shape);
    },
    gradient: ({ inputs: { factors }, attributes: { transposed }, ...context }) => ({
      base: context.gradient,
      factors: gradients(context, termsOf(factors, transposed)),
    }),
    flops: ({ inputs: { factors }, outputs: { y }, attributes: { transposed } }, extent) =>
      flopsOf(termsOf(factors, transposed), y, extent),
    memory: { workspace: ({ outputs: { y } }) => [y] },
  },
  quantizedProducts: {
    inputs: ['...operands'],
    attributes: ['count', 'transposed'],
    outputs: ['y'],
    types: ({ operands }, { count, transposed }) => {
      const [quantized, factors] = operandsOf(operands, count);
      const [first, ...others] = [
        ...quantized.map((inputs) => product.quantizedMatmul.types(inputs, {}).shape),
        ...termsOf(factors, transposed).map(shapeOfProduct),
      ];
      if (!first) throw new Error('takes at least one product');
      requireFit(
        others.every((shape) => sameShape(shape, first)),
        ...operands,
      );
      return float32(first);
    },
    gradient: ({ inputs: { operands }, attributes: { count, transposed }, ...context }) => {
      const [quantized, factors] = operandsOf(operands, count);
      const rounded = context.g.quantizeRows(context.gradient);
      return {
        operands: [
          ...quantized.flatMap((inputs) =>
            inOrder<Signatures['quantizedMatmul']['inputs'], Value | undefined>(
              quantizedNames,
              quantizedGradient(context, rounded, inputs),
            ),
          ),
          ...gradients(context, termsOf(factors, transposed)),
        ],
      };
    },
    flops: ({ inputs: { operands }, outputs: { y }, attributes: { count, transposed } }, extent) => {
      const [quantized, factors] = operandsOf(operands, count);
      const inner = quantized.map(({ x }) => extent(axisOf(x, 1))).reduce((a, b) => a + b, 0);
      return 2 * elementsOf(y, extent) * inner + flopsOf(termsOf(factors, transposed), y, extent);
    },
    memory: { workspace: ({ outputs: { y } }) => [y] },
  },
};

const elementsOf = ({ shape }: Value, extent: (dimension: Dimension) => number): number =>
  shape.map(extent).reduce((a, b) => a * b, 1);

const flopsOf = (terms: readonly Term[], y: Value, extent: (dimension: Dimension) => number): number =>
  terms.map((term) => 2 * elementsOf(y, extent) * extent(innerOf(term))).reduce((a, b) => a + b, 0);
