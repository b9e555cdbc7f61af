import { extentOf, type Extents } from './dimension.ts';
import type { Graph, NodeOf } from './graph.ts';
import { viewOf } from './node-view.ts';
import { operators } from './operators/index.ts';
import type { OperatorName } from './signatures.ts';

/** Floating-point operations of a node; none but in matrix products. */
export const nodeFlops = <O extends OperatorName>(node: NodeOf<O>, extents: Extents): number => {
  const { flops } = operators[node.operator];
  return flops === 'none' ? 0 : flops(viewOf(node), (dimension) => extentOf(dimension, extents));
};

/**
 * Floating-point operations in the matrix products of one run of a graph.
 * @param extents of the named dimensions: `{ batch: 4, sequence: 256, labels: 1020 }`
 */
export const matmulFlops = ({ nodes }: Graph, extents: Extents): number =>
  nodes.reduce((sum, node) => sum + nodeFlops<OperatorName>(node, extents), 0);
