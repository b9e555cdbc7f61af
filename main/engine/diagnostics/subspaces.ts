import { multiply, transpose, type Matrix } from '../linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../linear-algebra/svd.ts';

type Doubles = Matrix<Float64Array>;

/** Sums of roundings of cosines reach above 1. */
const within = (value: number): number => Math.min(1, Math.max(0, value));

/**
 * Principal angles between the spans of two orthonormal bases (n x i, n x j), in radians, largest first: min(i, j) of them. Cosines tell
 * small angles badly, so those come from the sines of what one basis has outside the other (Knyazev and Argentati 2002, as SciPy's
 * `subspace_angles`).
 */
export const principalAngles = (a: Doubles, b: Doubles): number[] => {
  const [wide, narrow] = a.columns >= b.columns ? [a, b] : [b, a];
  const count = narrow.columns;
  if (count === 0) return [];
  const cross = multiply(transpose(wide), narrow);
  const { singularValues: cosines } = singularValueDecomposition(cross, count, 'the product of the bases');
  const inside = multiply(wide, cross);
  const outside = {
    ...narrow,
    data: narrow.data.map((value, at) => value - inside.data[at]!),
  };
  const { singularValues: sines } = singularValueDecomposition(outside, count, 'the part outside');
  return Array.from({ length: count }, (_, at) => {
    const cosine = within(cosines[count - 1 - at]!);
    return cosine ** 2 >= 0.5 ? Math.asin(within(sines[at]!)) : Math.acos(cosine);
  });
};

/** How much two subspaces have in common. */
export interface Overlap {
  /** Dimensions of the two. */
  readonly dimensions: readonly [number, number];
  /**
   * ||A^T B||_F^2 / min(i, j), the mean squared cosine of the principal angles: 1 where one holds the other, 0 where they are orthogonal
   * (Hu et al. 2021, arXiv 2106.09685, section 7.2).
   */
  readonly similarity: number;
  /** What drawn subspaces of these dimensions have on average: max(i, j) / n. */
  readonly chance: number;
  /** Of the principal angles, in radians. */
  readonly largestAngle: number;
  readonly meanAngle: number;
}

/** Null where one of them holds nothing but zero. */
export const overlapOf = (a: Doubles, b: Doubles): Overlap | null => {
  const angles = principalAngles(a, b);
  if (angles.length === 0) return null;
  const mean = (of: (angle: number) => number): number =>
    angles.reduce((total, angle) => total + of(angle), 0) / angles.length;
  return {
    dimensions: [a.columns, b.columns],
    similarity: mean((angle) => Math.cos(angle) ** 2),
    chance: Math.max(a.columns, b.columns) / a.rows,
    largestAngle: angles[0]!,
    meanAngle: mean((angle) => angle),
  };
};
