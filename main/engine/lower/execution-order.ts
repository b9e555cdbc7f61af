import type { Graph, Node, Value } from '../graph/graph.ts';

/**
 * The order in which ONNX Runtime runs the nodes: a depth-first walk from the last result back to the inputs, each node after
 * all that it needs, and of a node's producers the one that was added last first. Not the graph's own order: a node waits until
 * something needs it. Source: `Graph::ReverseDFSFrom`, called by `GraphViewer` with the nodes whose results nobody consumes.
 */
export const executionOrder = (nodes: readonly Node[], outputs: Graph['outputs']): Node[] => {
  const producer = new Map<Value, number>();
  nodes.forEach((node, index) => node.outputs.forEach((output) => producer.set(output, index)));
  const producersOf = ({ inputs }: Pick<Node, 'inputs'>): number[] =>
    inputs.flatMap((input) => producer.get(input) ?? []).toSorted((a, b) => a - b);

  const order: Node[] = [];
  const visited = new Uint8Array(nodes.length);
  // The last node on the stack is taken first; a number below zero marks a node whose producers are all done.
  const stack = outputs.flatMap(({ value }) => producer.get(value) ?? []);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next < 0) {
      order.push(nodes[-next - 1] as Node);
      continue;
    }
    if (visited[next]) continue;
    visited[next] = 1;
    stack.push(-next - 1);
    for (const index of producersOf(nodes[next] as Node)) if (!visited[index]) stack.push(index);
  }
  return order;
};
