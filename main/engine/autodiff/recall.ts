import type { GraphBuilder } from '../graph/builder.ts';
import type { Node, Value } from '../graph/graph.ts';

/** A forward value as the backward pass may use it, once `when` (the gradient at hand) is known. */
export type Recall = (value: Value, when: Value) => Value;

/**
 * Trades time for memory (Chen et al., arXiv 1604.06174). A value that is kept, or that nothing computes, is used as it is. Any
 * other is computed again from kept ones, each of which waits for the gradient that asks first: else the runtime would be free
 * to do it early, or to find that the numbers are there already, and hold on to them.
 */
export const createRecall = (
  g: GraphBuilder,
  forward: readonly Node[],
  keeps: (value: Value) => boolean,
): Recall => {
  const producers = new Map(forward.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const recalled = new Map<Value, Value>();
  const delayed = new Map<Value, Value>();

  const isKept = (value: Value): boolean => {
    const [first] = producers.get(value)?.outputs ?? [];
    return first === undefined || keeps(first);
  };

  const delay = (value: Value, when: Value): Value => {
    const waiting = delayed.get(value) ?? g.after(value, [when]);
    delayed.set(value, waiting);
    return waiting;
  };

  /**
   * The operands of a node that is computed again. One of them has to wait for the gradient at hand: an operand that is computed again itself
   * does; where there is none, the first that a node computes is made to.
   */
  const recallAll = (inputs: readonly Value[], when: Value): Value[] => {
    const ready = inputs.map((input) => recall(input, when));
    if (inputs.length === 0 || ready.some((input, at) => input !== inputs[at])) return ready;
    const waits = Math.max(
      0,
      inputs.findIndex((input) => producers.has(input)),
    );
    return ready.with(waits, delay(ready[waits] as Value, when));
  };

  const recall: Recall = (value, when) => {
    if (isKept(value)) return value;
    const known = recalled.get(value);
    if (known) return known;
    const node = producers.get(value) as Node;
    const again = g.from({ ...node.origin, direction: 'recomputed' }, () =>
      g.repeat(node, recallAll(node.inputs, when)),
    );
    node.outputs.forEach((output, at) => recalled.set(output, again[at] as Value));
    return recalled.get(value) as Value;
  };
  return recall;
};
