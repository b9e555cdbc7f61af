import type { Value } from '../../../graph/graph.ts';
import type { Rewriting } from '../../../graph/rewrite.ts';

/** What is computed twice from the same values is computed once: layers ask for the same masks, each for itself. */
export const mergeTwins: Rewriting = () => {
  const known = new Map<string, readonly Value[]>();
  return (node, { g, now }) => {
    const inputs = node.inputs.map(now);
    const key = JSON.stringify([node.operator, node.attributes, inputs.map(({ id }) => id)]);
    const outputs = known.get(key) ?? g.repeat(node, inputs);
    known.set(key, outputs);
    return outputs;
  };
};
