import type { Matrix } from './matrix.ts';

type Doubles = Matrix<Float64Array>;

/** The lower triangle L of a symmetric matrix = L L^T in fp64 (Golub and Van Loan, algorithm 4.2.1); null where it is not positive definite. */
export const cholesky = ({ rows, data }: Doubles): Doubles | null => {
  const l = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = data[i * rows + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * rows + k]! * l[j * rows + k]!;
      if (i !== j) {
        l[i * rows + j] = sum / l[j * rows + j]!;
        continue;
      }
      if (!(sum > 0)) return null;
      l[i * rows + i] = Math.sqrt(sum);
    }
  }
  return { rows, columns: rows, data: l };
};

/** X with X L = B for a lower triangle L (n x n): each row of B (m x n) on its own, from its end. */
export const solveLowerFromRight = (b: Doubles, { rows: n, data: l }: Doubles): Doubles => {
  const x = Float64Array.from(b.data);
  for (let row = 0; row < b.rows; row++) {
    const at = row * n;
    for (let j = n - 1; j >= 0; j--) {
      const value = x[at + j]! / l[j * n + j]!;
      x[at + j] = value;
      for (let k = 0; k < j; k++) x[at + k]! -= value * l[j * n + k]!;
    }
  }
  return { rows: b.rows, columns: n, data: x };
};

/** X with X U = B for an upper triangle U: each row of B from its start. */
export const solveUpperFromRight = (b: Doubles, { rows: n, data: u }: Doubles): Doubles => {
  const x = Float64Array.from(b.data);
  for (let row = 0; row < b.rows; row++)
    for (let j = 0; j < n; j++) {
      const value = x[row * n + j]! / u[j * n + j]!;
      x[row * n + j] = value;
      for (let k = j + 1; k < n; k++) x[row * n + k]! -= value * u[j * n + k]!;
    }
  return { rows: b.rows, columns: n, data: x };
};
