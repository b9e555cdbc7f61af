import { broadcastShapes, product as extentOf, sameShape, type Dimension, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { ProductSignatures } from '../signatures.ts';
import type { GradientContext, InputsOf, OperatorEntries } from './entry.ts';
import { axisOf, describe, float32, requireFit, requireMatrices, requireType } from './type-checks.ts';

/** The last two axes swapped is what `transposed` marks; a stack of matrices times one matrix is one flat product. */
export const matmulGradient = ({
  g,
  inputs: { a, b },
  attributes: { transposeA, transposeB },
  gradient,
}: Omit<GradientContext<'matmul'>, 'outputs'>): Readonly<Record<'a' | 'b', Value>> => {
  const byA = transposeA
    ? g.matmul(b, gradient, { transposeA: transposeB, transposeB: true })
    : g.matmul(gradient, b, { transposeB: !transposeB });
  if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
    const flat = (x: Value): Value => g.reshape(x, [extentOf(x.shape.slice(0, -1)), axisOf(x, -1)]);
    const [flatA, flatGradient] = [flat(a), flat(gradient)];
    const byFlatB = transposeB
      ? g.matmul(flatGradient, flatA, { transposeA: true })
      : g.matmul(flatA, flatGradient, { transposeA: true });
    return { a: byA, b: byFlatB };
  }
  const byB = transposeB
    ? g.matmul(gradient, a, { transposeA: true, transposeB: transposeA })
    : g.matmul(a, gradient, { transposeA: !transposeA });
  return { a: byA, b: byB };
};

/** Extents of the last two axes as they are multiplied. */
const matrixOf = (value: Value, transposed: boolean): readonly [rows: Dimension, columns: Dimension] => {
  const [rows, columns] = [axisOf(value, -2), axisOf(value, -1)];
  return transposed ? [columns, rows] : [rows, columns];
};

const elements = (shape: Shape, extent: (dimension: Dimension) => number): number => extent(extentOf(shape));

/** Straight through the rounding: dY W with the copy of W that is scaled along the other axis, dY rounded likewise. */
export const quantizedGradient = (
  { g, gradient }: Pick<GradientContext<'quantizedMatmul'>, 'g' | 'gradient'>,
  [values, rowScales]: readonly [Value, Value],
  { weight, scales, twin, twinScales }: InputsOf<'quantizedMatmul'>,
): Readonly<Record<keyof InputsOf<'quantizedMatmul'>, Value | undefined>> => ({
  x: g.quantizedMatmul(gradient, values, rowScales, twin, twinScales, weight, scales),
  values: undefined,
  rowScales: undefined,
  weight: undefined,
  scales: undefined,
  twin: undefined,
  twinScales: undefined,
});

export const product: OperatorEntries<ProductSignatures> = {
  matmul: {
    inputs: ['a', 'b'],
    attributes: ['transposeA', 'transposeB'],
    outputs: ['y'],
    types: ({ a, b }, { transposeA, transposeB }) => {
      requireType('float32', a, b);
      const [rows, innerA] = matrixOf(a, transposeA);
      const [innerB, columns] = matrixOf(b, transposeB);
      const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
      if (innerA !== innerB || !leading)
        throw new Error(`${describe(a, b)} do not multiply (transposed: ${transposeA}, ${transposeB})`);
      return float32([...leading, rows, columns]);
    },
    gradient: matmulGradient,
    flops: ({ inputs: { a }, outputs: { y }, attributes: { transposeA } }, extent) =>
      2 * elements(y.shape, extent) * extent(matrixOf(a, transposeA)[1]),
    memory: {},
  },
  quantizeRows: {
    inputs: ['x'],
    attributes: [],
    outputs: ['values', 'scales'],
    types: ({ x }) => {
      requireType('float32', x);
      requireMatrices(x);
      return { values: { dataType: 'uint8', shape: x.shape }, scales: float32([axisOf(x, 0), 1]) };
    },
    gradient: 'none',
    flops: 'none',
    memory: {},
  },
  quantizedMatmul: {
    inputs: ['x', 'values', 'rowScales', 'weight', 'scales', 'twin', 'twinScales'],
    attributes: [],
    outputs: ['y'],
    types: ({ x, values, rowScales, weight, scales, twin, twinScales }) => {
      requireType('float32', x, rowScales, scales, twinScales);
      requireType('int8', weight, twin);
      requireMatrices(x, weight, twin);
      const [inner, outer] = matrixOf(weight, false);
      const fits =
        sameShape(values.shape, x.shape) &&
        axisOf(x, -1) === inner &&
        sameShape(scales.shape, [outer]) &&
        sameShape(twin.shape, [outer, inner]) &&
        sameShape(twinScales.shape, [inner]);
      requireFit(fits, x, values, rowScales, weight, scales, twin, twinScales);
      return float32([axisOf(x, 0), outer]);
    },
    gradient: (context) =>
      quantizedGradient(context, context.g.quantizeRows(context.gradient), context.inputs),
    flops: ({ inputs: { x }, outputs: { y } }, extent) =>
      2 * elements(y.shape, extent) * extent(axisOf(x, -1)),
    memory: {},
  },
  blockMatmul: {
    inputs: ['x', 'weight', 'scales'],
    attributes: ['transposed', 'blockSize'],
    outputs: ['y'],
    types: ({ x, weight, scales }, { transposed }) => {
      requireType('float32', x, scales);
      requireMatrices(x, weight, scales);
      const [outer, inner] = matrixOf(weight, transposed);
      if (axisOf(x, -1) !== inner || scales.shape[0] !== weight.shape[0])
        throw new Error(`${describe(x, weight, scales)} do not multiply (transposed: ${transposed})`);
      return float32([axisOf(x, 0), outer]);
    },
    gradient: ({ g, inputs: { weight, scales }, attributes: { transposed, blockSize }, gradient }) => ({
      x: g.blockMatmul(gradient, weight, scales, { transposed: !transposed, blockSize }),
      weight: undefined,
      scales: undefined,
    }),
    flops: ({ inputs: { x }, outputs: { y } }, extent) =>
      2 * elements(y.shape, extent) * extent(axisOf(x, -1)),
    // The weight made wide.
    memory: { workspace: ({ inputs: { weight } }) => [float32(weight.shape)] },
  },
};
