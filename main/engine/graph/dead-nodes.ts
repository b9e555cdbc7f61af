import type { Graph, Node, Value } from './graph.ts';

/** The graph without the nodes and initializers that no output depends on. Inputs stay: they are the caller's contract. */
export const withoutDeadNodes = (graph: Graph): Graph => {
  const needed = new Set<Value>(graph.outputs.map(({ value }) => value));
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    nodes.push(node);
  }
  return {
    ...graph,
    nodes: nodes.reverse(),
    initializers: graph.initializers.filter(({ value }) => needed.has(value)),
  };
};
