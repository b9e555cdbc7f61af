import { addAsProducts } from '../graph/add-as-products.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { sameShape } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import type { Origin } from '../graph/origin.ts';
import type { OperatorName } from '../graph/signatures.ts';
import { applyGradientRule } from './apply-gradient-rule.ts';
import { createRecall } from './recall.ts';

/** The gradient in the shape of the value it belongs to: what broadcasting repeated is summed. */
const sumToShape = (g: GraphBuilder, gradient: Value, { shape }: Value): Value => {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < added || (shape[axis - added] === 1 && gradient.shape[axis] !== 1));
  const summed = axes.length === 0 ? gradient : g.sum(gradient, axes);
  return added === 0 ? summed : g.reshape(summed, shape);
};

export interface DifferentiateOptions {
  /** Whether a forward value stays in memory for the backward pass; the others are computed again from those that do. All where absent. */
  readonly keeps?: (value: Value) => boolean;
  /**
   * Values whose gradient waits for all gradients of `values` that are known by then. A runtime that walks back from the results
   * would otherwise put those off to the end, and hold what they are made of. None where absent.
   */
  readonly isBoundary?: (value: Value) => boolean;
  /** The gradient of the loss by `loss` itself, in its shape; ones where absent. With it `loss` may be any value. */
  readonly seed?: Value;
}

/**
 * Adds to the builder the computation of d loss / d value for each of `values`, by reverse mode, and returns those gradients
 * in the same order and each in the shape of its value; undefined where the loss does not depend on the value.
 * `loss` has one element. Gradients flow through first outputs only: second ones (an inverse norm, log probabilities) are
 * there for the rules themselves.
 */
export const differentiate = (
  g: GraphBuilder,
  loss: Value,
  values: readonly Value[],
  { keeps = () => true, isBoundary = () => false, seed }: DifferentiateOptions = {},
): (Value | undefined)[] => {
  const forward = [...g.nodes];
  const wanted = new Set(values);
  /** Gradients of `values` that no boundary has waited for. */
  const pending = new Map<Value, Value>();
  /** Gradients that nothing has been made of but sums, since the last boundary: what a sum is made of stays in memory until it is whole. */
  const open = new Set<Value>();
  const recall = createRecall(g, forward, keeps);
  const depends = new Set<Value>(values);
  for (const { inputs, outputs } of forward)
    if (inputs.some((input) => depends.has(input))) outputs.forEach((output) => depends.add(output));

  const gradients = new Map<Value, Value>([[loss, seed ?? g.expand(1, loss.shape)]]);
  for (const node of forward.toReversed()) {
    const [first, ...others] = node.outputs as [Value, ...Value[]];
    if (!depends.has(first)) continue;
    if (others.some((output) => gradients.has(output)))
      throw new Error(`${node.operator}: only its first output can be differentiated`);
    const ready = gradients.get(first);
    if (!ready) continue;
    const backward: Origin = { part: node.origin.part, direction: 'backward' };
    const { of = node.operator } = node.origin;
    g.from(backward, () => {
      const gradient = isBoundary(first) && pending.size > 0 ? g.after(ready, [...pending.values()]) : ready;
      if (gradient !== ready) pending.clear();
      if (isBoundary(first)) open.clear();
      const before = g.nodes.length;
      const byInputs = g.from({ ...backward, of }, () =>
        applyGradientRule<OperatorName>(g, node, gradient, recall),
      );
      const made = new Set(g.nodes.slice(before).flatMap(({ outputs }) => outputs));
      byInputs.forEach((byInput, at) => {
        const input = node.inputs[at] as Value;
        if (!byInput || !depends.has(input)) return;
        const reduced = sumToShape(g, byInput, input);
        if (reduced === byInput && made.delete(byInput)) open.add(byInput);
        const known = gradients.get(input);
        const total = known ? addAsProducts(g, [known, reduced], (value) => open.has(value)) : reduced;
        if (known) open.add(total);
        gradients.set(input, total);
        if (wanted.has(input)) pending.set(input, total);
      });
    });
  }
  return values.map((value) => gradients.get(value));
};
