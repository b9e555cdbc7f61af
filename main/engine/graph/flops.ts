import { extentOf, type Dimension, type Extents, type Shape } from './dimension.ts';
import type { Graph, Node, Value } from './graph.ts';
import type { OperatorName } from './operators.ts';

type Extent = (dimension: Dimension) => number;
type FlopsRule<O extends OperatorName> = (node: Extract<Node, { operator: O }>, extent: Extent) => number;

const elements = (shape: Shape, extent: Extent): number =>
  shape.reduce<number>((total, dimension) => total * extent(dimension), 1);

/** q k^T: (batch x heads x sequence x width) with as many keys. */
const scoreProduct = ({ shape }: Value, extent: Extent): number =>
  2 * elements(shape, extent) * extent(shape.at(-2)!);

/**
 * The operators whose work is matrix products: two operations for each element of the result and each term of its sum. All
 * others are bound by memory rather than arithmetic and count nothing, as is usual.
 */
const flopsRules: { readonly [O in OperatorName]?: FlopsRule<O> } = {
  matmul: ({ inputs: [a], attributes: { transposeA }, outputs: [result] }, extent) =>
    2 * elements(result!.shape, extent) * extent(a!.shape.at(transposeA ? -2 : -1)!),
  quantizedMatmul: ({ inputs: [a], outputs: [result] }, extent) =>
    2 * elements(result!.shape, extent) * extent(a!.shape.at(-1)!),
  blockMatmul: ({ inputs: [a], outputs: [result] }, extent) =>
    2 * elements(result!.shape, extent) * extent(a!.shape.at(-1)!),
  // Without what tiles leave out above the diagonal, which only long sequences have.
  attention: ({ inputs: [q] }, extent) => 2 * scoreProduct(q!, extent),
  attentionGradient: ({ inputs: [q] }, extent) => 5 * scoreProduct(q!, extent),
};

/**
 * Floating-point operations in the matrix products of one run of a graph.
 * @param extents of the named dimensions: `{ batch: 4, sequence: 256, labels: 1020 }`
 */
export const matmulFlops = (graph: Graph, extents: Extents): number => {
  const extent: Extent = (dimension) => extentOf(dimension, extents);
  return graph.nodes.reduce((sum, node) => {
    const rule = flopsRules[node.operator] as FlopsRule<OperatorName> | undefined;
    return sum + (rule?.(node, extent) ?? 0);
  }, 0);
};
