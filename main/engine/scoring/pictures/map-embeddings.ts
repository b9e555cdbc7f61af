import { principalComponents, project } from '../../linear-algebra/principal-components.ts';
import type { Matrix } from '../../linear-algebra/matrix.ts';

/** Rows of several subjects seen in the plane. */
export interface MappedRows {
  /** x and y of each row. */
  readonly points: number[];
  /** Of the rows' variance, what lies along x and y: 0 to 1. */
  readonly explained: [number, number];
}

/** Of length 1, as a model compares them. */
export const unitRows = (rows: readonly Float32Array[]): Matrix<Float64Array> => {
  const columns = rows[0]!.length;
  const data = new Float64Array(rows.length * columns);
  for (const [at, row] of rows.entries()) {
    let squares = 0;
    for (const value of row) squares += value * value;
    const length = Math.sqrt(squares) || 1;
    row.forEach((value, column) => (data[at * columns + column] = value / length));
  }
  return { rows: rows.length, columns, data };
};

/**
 * The embeddings of the same things by several subjects on two axes: on each one's own principal components, turned so that they lie as the
 * first one's do, and on those of all together.
 * @param embeddings a matrix for each subject, all of one shape, two columns at least
 */
export const mapEmbeddings = (
  embeddings: readonly Matrix<Float64Array>[],
): { readonly own: MappedRows; readonly shared: MappedRows }[] => {
  const together = principalComponents(stacked(embeddings), 2);
  const own = embeddings.map((one) => mapped(one, principalComponents(one, 2)));
  return embeddings.map((one, at) => ({
    own: turnedAs(own[0]!, own[at]!),
    shared: mapped(one, together),
  }));
};

const stacked = (parts: readonly Matrix<Float64Array>[]): Matrix<Float64Array> => {
  const { columns } = parts[0]!;
  const data = new Float64Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let start = 0;
  for (const part of parts) {
    data.set(part.data, start);
    start += part.data.length;
  }
  return { rows: data.length / columns, columns, data };
};

const mapped = (...asked: Parameters<typeof project>): MappedRows => {
  const { points, explained } = project(...asked);
  return { points: [...points.data], explained: [explained[0]!, explained[1]!] };
};

/** A principal component has no direction of its own: each is turned so that the rows' places go along with the reference's. */
const turnedAs = (reference: MappedRows, { points, explained }: MappedRows): MappedRows => {
  const turns = [0, 1].map((axis) => {
    let product = 0;
    for (let at = axis; at < points.length; at += 2) product += points[at]! * reference.points[at]!;
    return product < 0 ? -1 : 1;
  });
  return { points: points.map((value, at) => value * turns[at % 2]!), explained };
};
