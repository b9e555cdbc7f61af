/** A dense row-major matrix: entry (i, j) is `data[i * columns + j]`. */
export type Matrix<Data extends Float32Array | Float64Array = Float32Array> = {
  readonly rows: number;
  readonly columns: number;
  readonly data: Data;
};

/** A matrix of either precision, for functions that compute in fp64 whatever they are given. */
export type AnyMatrix = Matrix<Float32Array | Float64Array>;

/** left (m x k) times right (k x n), summed in fp64. The caller sees to the shapes: a mismatch is a defect. */
export const multiply = (left: AnyMatrix, right: AnyMatrix): Matrix<Float64Array> => {
  if (left.columns !== right.rows) {
    throw new Error(`cannot multiply ${left.rows} x ${left.columns} by ${right.rows} x ${right.columns}`);
  }
  const { rows, columns: inner } = left;
  const { columns } = right;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = left.data[i * inner + k]!;
      for (let j = 0; j < columns; j++) data[i * columns + j]! += factor * right.data[k * columns + j]!;
    }
  }
  return { rows, columns, data };
};

/** The transpose (columns x rows), widened to fp64. */
export const transpose = ({ rows, columns, data }: AnyMatrix): Matrix<Float64Array> => {
  const transposed = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) transposed[j * rows + i] = data[i * columns + j]!;
  }
  return { rows: columns, columns: rows, data: transposed };
};

/** sqrt of the sum of squared entries, in fp64. */
export const frobeniusNorm = ({ data }: AnyMatrix): number => {
  let sum = 0;
  for (const value of data) sum += value * value;
  return Math.sqrt(sum);
};

/** The first rows and columns of a float32 matrix, copied. */
export const leadingPart = (matrix: Matrix, rows: number, columns: number): Matrix => {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * matrix.columns;
    data.set(matrix.data.subarray(start, start + columns), row * columns);
  }
  return { rows, columns, data };
};

/** matrix times diag(diagonal), in fp64. */
export const scaleColumns = (
  { rows, columns, data }: AnyMatrix,
  diagonal: Float32Array | Float64Array,
): Matrix<Float64Array> => ({
  rows,
  columns,
  data: Float64Array.from(data, (value, at) => value * diagonal[at % columns]!),
});

/** diag(diagonal) times matrix, in fp64. */
export const scaleRows = (
  diagonal: Float32Array | Float64Array,
  { rows, columns, data }: AnyMatrix,
): Matrix<Float64Array> => ({
  rows,
  columns,
  data: Float64Array.from(data, (value, at) => value * diagonal[Math.floor(at / columns)]!),
});

/** Two matrices of as many rows as one, the columns of `right` after those of `left`. */
export const beside = (left: AnyMatrix, right: AnyMatrix): Matrix<Float64Array> => {
  const columns = left.columns + right.columns;
  const data = new Float64Array(left.rows * columns);
  for (let row = 0; row < left.rows; row++) {
    const [ofLeft, ofRight] = [left, right].map((one) =>
      one.data.subarray(row * one.columns, (row + 1) * one.columns),
    );
    data.set(ofLeft!, row * columns);
    data.set(ofRight!, row * columns + left.columns);
  }
  return { rows: left.rows, columns, data };
};

/** Two matrices of as many columns as one, the rows of `bottom` after those of `top`. */
export const below = (top: AnyMatrix, bottom: AnyMatrix): Matrix<Float64Array> => {
  const data = new Float64Array(top.data.length + bottom.data.length);
  data.set(top.data);
  data.set(bottom.data, top.data.length);
  return { rows: top.rows + bottom.rows, columns: top.columns, data };
};

/** A square matrix + added I. */
export const addToDiagonal = ({ rows, data }: AnyMatrix, added: number): Matrix<Float64Array> => {
  const changed = Float64Array.from(data);
  for (let at = 0; at < rows; at++) changed[at * rows + at]! += added;
  return { rows, columns: rows, data: changed };
};
