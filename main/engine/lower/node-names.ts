import type { Node } from '../graph/graph.ts';
import type { OnnxNode } from './onnx-model.ts';

/**
 * The nodes that a graph's node is lowered to, each named after it and by its place in the graph: `norm.rmsNorm.backward#17.0`. An error or a
 * profile of ONNX Runtime then says what it is about.
 */
export const namedAfter = (
  { operator, origin: { part, direction, of = operator } }: Node,
  place: number,
  lowered: readonly OnnxNode[],
): OnnxNode[] => lowered.map((node, at) => ({ ...node, name: `${part}.${of}.${direction}#${place}.${at}` }));

/** The place in the graph of the node that a name comes from; undefined of what stands for none: extents, the graph's outputs. */
export const placeOf = (name: string): number | undefined => {
  const [, place] = /#(\d+)\.\d+(?=$|_)/.exec(name) ?? [];
  return place === undefined ? undefined : Number(place);
};
