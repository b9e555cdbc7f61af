import type { AnyMatrix } from './matrix.ts';
import { nativeAddon } from './native.ts';
import type { TruncatedSvd } from './truncated-svd.ts';
import { checkSvdInput, fixSigns, truncatedSvd } from './truncated-svd.ts';

/** `truncatedSvd`, done by the native addon where there is one: the same result to rounding, the same errors. */
export const singularValueDecomposition = (
  matrix: AnyMatrix,
  rank: number,
  name = 'matrix',
): TruncatedSvd => {
  const native = nativeAddon();
  if (!native) return truncatedSvd(matrix, rank, name);
  checkSvdInput(matrix, rank, name);
  const { rows, columns, data } = matrix;
  const u = new Float64Array(rows * rank);
  const singularValues = new Float64Array(rank);
  const vt = new Float64Array(rank * columns);
  native.truncatedSvd(rows, columns, data, rank, u, singularValues, vt);
  return fixSigns({ u, singularValues, vt });
};
