import type { Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { Transposed } from '../../graph/signatures.ts';
import { product } from '../cpu/product.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';

export const flags = (transposed: readonly Transposed[]): Record<'transposed', readonly bigint[]> => ({
  transposed: transposed.flat().map((isTransposed) => (isTransposed ? 1n : 0n)),
});

/** Columns of a result up to which copying its rows costs much: ONNX Runtime's product reads them as they lie. */
const narrow = 64;
/** Numbers of a right factor above which a product of few rows, as a head's, is mostly copying it, which ONNX Runtime does in smaller pieces. */
const vast = 2 ** 23;

const isOurs = ({ attributes: { transposeA }, values }: LoweringContext<'matmul'>): boolean => {
  const { a, b } = values.inputs;
  if (a.shape.length !== 2 || b.shape.length !== 2) return false;
  const columns = values.outputs.y.shape[1] as Dimension;
  const isNarrow = !transposeA && typeof columns === 'number' && columns <= narrow;
  return !isNarrow && !isVast(b);
};

const isVast = ({ shape }: Value): boolean =>
  shape.every((extent) => typeof extent === 'number') && shape.reduce((a, b) => a * b, 1) > vast;

const matmul: LoweringRule<'matmul'> = (context) => {
  const {
    emit,
    inputs: { a, b },
    attributes: { transposeA, transposeB },
  } = context;
  if (!isOurs(context)) return product.matmul(context);
  return emit('nora.Products', ['', a, b], flags([[transposeA, transposeB]]));
};

/** One node for a sum of products, whose first input, the base, may be left out. */
export const products = {
  matmul,
  sumOfProducts: ({ emit, inputs: { factors }, attributes: { transposed } }) =>
    emit('nora.Products', ['', ...factors], flags(transposed)),
  addProducts: ({ emit, inputs: { base, factors }, attributes: { transposed } }) =>
    emit('nora.Products', [base, ...factors], flags(transposed)),
} satisfies Partial<LoweringRules>;
