import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Kernel } from './architecture.ts';

/** How a layer's matrix, or another one in its place, meets its input: all that linear layers, embeddings and convolutions differ in. */
export interface LayerForm {
  /** x M^T for a matrix M (n x inFeatures) */
  readonly project: (x: Value, matrix: Value) => Value;
  /** y M^T for what `project` gave and a matrix M (outFeatures x n) */
  readonly expand: (y: Value, matrix: Value) => Value;
  /** A number for each output (outFeatures), as outputs are added to it or multiplied by it. */
  readonly perOutput: (vector: Value) => Value;
}

/** x (... x inFeatures) */
export const linearForm = (g: GraphBuilder): LayerForm => ({
  project: (x, matrix) => g.matmul(x, matrix, { transposeB: true }),
  expand: (y, matrix) => g.matmul(y, matrix, { transposeB: true }),
  perOutput: (vector) => vector,
});

/** Indices (...), which stand for one-hot x. */
export const embeddingForm = (g: GraphBuilder): LayerForm => ({
  ...linearForm(g),
  project: (indices, matrix) => g.gatherRows(g.transpose(matrix, [1, 0]), indices),
});

/** Rows of patches (n x channels * size * size) as kernels. */
const asKernels = (g: GraphBuilder, matrix: Value, size: number): Value => {
  const [rows, columns] = matrix.shape as [number, number];
  return g.reshape(matrix, [rows, columns / size ** 2, size, size]);
};

/** x (images x channels x height x width); patches are multiplied without being laid out. */
export const convolutionForm = (g: GraphBuilder, { size, stride, padding }: Kernel): LayerForm => ({
  project: (x, matrix) => g.convolution(x, asKernels(g, matrix, size), { stride, padding }),
  expand: (y, matrix) => g.convolution(y, asKernels(g, matrix, 1), { stride: 1, padding: 0 }),
  perOutput: (vector) => g.reshape(vector, [1, vector.shape[0]!, 1, 1]),
});
