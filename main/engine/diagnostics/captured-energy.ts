import { doubleProduct } from '../linear-algebra/blocked-products.ts';
import { transpose, type Matrix } from '../linear-algebra/matrix.ts';

type Doubles = Matrix<Float64Array>;

/** Of a weight W (out x in) and an outer pair: B (out x r), A (r x in). Bases have orthonormal columns. */
export interface OuterPairOf {
  readonly weight: Doubles;
  /** Of B's columns (out x i), and of A's rows (in x j). */
  readonly outputs: Doubles;
  readonly inputs: Doubles;
}

/** The sum of the entries of a times those of b: tr(a b^T). A loop: `reduce` takes about twice as long. */
const inner = ({ data: a }: Doubles, { data: b }: Doubles): number => {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
};

const squares = (matrix: Doubles): number => inner(matrix, matrix);

const difference = ({ data: a, ...size }: Doubles, { data: b }: Doubles): Doubles => {
  const data = new Float64Array(a.length);
  for (let at = 0; at < a.length; at++) data[at] = a[at]! - b[at]!;
  return { ...size, data };
};

/**
 * The share of ||W||_F^2 that lies between the bases: ||Qb^T W Qa||_F^2 / ||W||_F^2. With W's own singular vectors that is the sum of the
 * kept sigma^2 of all.
 */
export const weightEnergy = ({ weight, outputs, inputs }: OuterPairOf): number => {
  const total = squares(weight);
  return total === 0 ? 0 : squares(doubleProduct(doubleProduct(transpose(outputs), weight), inputs)) / total;
};

/**
 * The same of the outputs on data, whose inputs x have G = mean x x^T: the share of ||W X||_F^2 that lies in the span of B,
 * tr(Qb^T W G W^T Qb) / tr(W G W^T). With the left singular vectors of W S, S S^T = G, that is the sum of the kept sigma^2 of W S.
 */
export const outputEnergy = (
  { weight, outputs }: Pick<OuterPairOf, 'weight' | 'outputs'>,
  gram: Doubles,
): number => {
  const total = inner(doubleProduct(weight, gram), weight);
  if (!(total > 0)) return 0;
  const kept = doubleProduct(transpose(outputs), weight);
  return inner(doubleProduct(kept, gram), kept) / total;
};

/** ||(W - share B A) X||_F / ||W X||_F on data with G = mean x x^T, from tr(D G D^T): 0 where the pair does what the weight does. */
export const outputError = (weight: Doubles, approximation: Doubles, gram: Doubles): number => {
  const off = difference(weight, approximation);
  const total = inner(doubleProduct(weight, gram), weight);
  return total > 0 ? Math.sqrt(Math.max(0, inner(doubleProduct(off, gram), off)) / total) : 0;
};
