import type { AnyMatrix, Matrix } from './matrix.ts';

/** The inverse of a symmetric positive definite matrix, by Gauss and Jordan's elimination in fp64; it needs no pivots. */
export const inverseOf = ({ rows, data }: AnyMatrix): Matrix<Float64Array> => {
  const work = Float64Array.from(data);
  const inverse = new Float64Array(rows * rows);
  for (let at = 0; at < rows; at++) inverse[at * rows + at] = 1;
  for (let pivot = 0; pivot < rows; pivot++) {
    const scale = 1 / work[pivot * rows + pivot]!;
    for (let j = 0; j < rows; j++) {
      work[pivot * rows + j]! *= scale;
      inverse[pivot * rows + j]! *= scale;
    }
    for (let i = 0; i < rows; i++) {
      const factor = work[i * rows + pivot]!;
      if (i === pivot || factor === 0) continue;
      for (let j = 0; j < rows; j++) {
        work[i * rows + j]! -= factor * work[pivot * rows + j]!;
        inverse[i * rows + j]! -= factor * inverse[pivot * rows + j]!;
      }
    }
  }
  return { rows, columns: rows, data: inverse };
};
