import type { Node, NodeOf, Value } from '../../../graph/graph.ts';
import type { Rewriting } from '../../../graph/rewrite.ts';

/** A sum and its norm become one node, where the norm's weight is there already. */
export const addNorms: Rewriting = (graph, { producer, users }) => {
  const norms = new Map<Node, NodeOf<'rmsNorm'>>();
  for (const node of graph.nodes) {
    if (node.operator !== 'rmsNorm' || users(node.outputs[1] as Value).length > 0) continue;
    const [x, weight] = node.inputs as [Value, Value];
    const sum = producer(x);
    if (sum?.operator !== 'add' || producer(weight) || norms.has(sum) || x.shape.length !== 2) continue;
    if (sum.inputs.every(({ shape }) => shape.join() === x.shape.join())) norms.set(sum, node);
  }
  const made = new Map<Node, Value>();
  return (node, { g, now }) => {
    const known = made.get(node);
    if (known) return [known];
    const norm = norms.get(node);
    if (!norm) return undefined;
    const [a, b] = node.inputs.map(now) as [Value, Value];
    const weight = now(norm.inputs[1] as Value);
    const { sum, y } = g.apply('addRmsNorm', { a, b, weight }, norm.attributes);
    made.set(norm, y);
    return [sum];
  };
};
