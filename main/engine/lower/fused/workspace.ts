import { product, type Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { OperatorMemory, TensorType } from '../../graph/operators/entry.ts';
import { float32 } from '../../graph/operators/type-checks.ts';
import type { OperatorName } from '../../graph/signatures.ts';

type Workspaces = { readonly [O in OperatorName]?: OperatorMemory<O>['workspace'] };

/** In which queries are cut at least, where heads are few: PARTS in native/src/kernels/attention/gradient.rs. */
const leastParts = 16;

/** What parts of the queries add to the gradients by keys and values, but for the first, which writes where the sums will stand. */
const partsOfKeys = (
  { inputs: { k } }: { readonly inputs: { readonly k: Value } },
  extent: (dimension: Dimension) => number,
): readonly TensorType[] => {
  const [batch, heads] = k.shape as [Dimension, Dimension];
  const others = Math.ceil(leastParts / Math.max(1, extent(product([batch, heads])))) - 1;
  return Array<TensorType>(2 * others).fill(float32(k.shape));
};

/** Numbers of a row of a left factor that are copied at a time: BLOCK in native/src/kernels/products.rs. */
const copiedAtATime = 800;

/** A copy of a left factor, of the longest term. */
const copiedLeft = ({
  outputs: { y },
}: {
  readonly outputs: { readonly y: Value };
}): readonly TensorType[] => [float32([y.shape[0] as Dimension, copiedAtATime])];

/** Logits of a few rows, and what parts of the table add to their slopes: native/src/kernels/linear_cross_entropy.rs. */
const logitsAndParts = (
  { inputs: { rows, weight } }: { readonly inputs: { readonly rows: Value; readonly weight: Value } },
  extent: (dimension: Dimension) => number,
): readonly TensorType[] => {
  const [group, block, mostParts, held] = [32, 240, 32, 2 ** 24];
  const [count, width, outputs] = [rows.shape[0], weight.shape[1], weight.shape[0]].map((dimension) =>
    extent(dimension as Dimension),
  ) as [number, number, number];
  const up = (value: number, to: number): number => Math.ceil(value / to) * to;
  const [lines, columns] = [up(count, group), up(width, group)];
  const blocks = Math.ceil(outputs / block);
  const parts = Math.min(blocks, mostParts, Math.max(1, Math.floor(held / Math.max(1, lines * columns))));
  return [float32([lines, blocks * block]), float32([parts, lines, columns])];
};

/**
 * What the addon's kernels allocate besides their outputs, where that is not what the plain lowering does. Scratch of each thread, which all
 * kernels use again, is not counted: a few megabytes, more only with heads of ten thousands of keys. Convolutions are counted as ONNX Runtime's, which
 * unfold images; the addon's 16 MB at most are below that.
 */
export const fusedWorkspaces: Workspaces = {
  activationGradient: () => [],
  gated: () => [],
  gatedGradient: () => [],
  rmsNormGradient: () => [],
  layerNormGradient: () => [],
  groupNormGradient: () => [],
  attention: () => [],
  quantizedProducts: () => [],
  blockMatmul: () => [],
  sumOfProducts: copiedLeft,
  addProducts: copiedLeft,
  attentionGradient: partsOfKeys,
  attentionGradientAlone: partsOfKeys,
  linearCrossEntropy: logitsAndParts,
};
