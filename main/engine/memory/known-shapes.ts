import type { Dimension, Shape } from '../graph/dimension.ts';
import type { Node, Value } from '../graph/graph.ts';
import { operators } from '../graph/operators/index.ts';

/** A shape as far as ONNX Runtime knows it before a run: an axis after a reshape to `-1` is undefined. */
export type KnownShape = readonly (Dimension | undefined)[];

/** ONNX shape inference copies an extent that a reshape takes over at its axis and loses one that it only infers. */
const reshaped = (target: Shape, source: Shape, known: KnownShape): KnownShape =>
  target.map((extent, axis) =>
    typeof extent === 'number' ? extent : extent === source[axis] ? known[axis] : undefined,
  );

/**
 * An extent of a result is known where all inputs that have it at the same axis (counted from the end, as broadcasting does) know
 * it; where none has it there, any input's will do.
 */
const inferred = (
  output: Value,
  { operator, inputs }: Node,
  knownOf: (value: Value) => KnownShape,
): KnownShape =>
  output.shape.map((extent, axis) => {
    if (typeof extent === 'number') return extent;
    if (operators[operator].memory.unknownAxes?.includes(axis)) return undefined;
    const fromEnd = output.shape.length - axis;
    const aligned = inputs.filter(({ shape }) => shape[shape.length - fromEnd] === extent);
    if (aligned.length > 0)
      return aligned.every((input) => knownOf(input)[input.shape.length - fromEnd] === extent)
        ? extent
        : undefined;
    return inputs.some((input) => knownOf(input).includes(extent)) ? extent : undefined;
  });

/** What is known of every value's shape; `nodes` in an order in which each one's inputs come first. */
export const knownShapes = (nodes: readonly Node[]): ((value: Value) => KnownShape) => {
  const known = new Map<Value, KnownShape>();
  const knownOf = (value: Value): KnownShape => known.get(value) ?? value.shape;
  for (const node of nodes)
    for (const output of node.outputs)
      known.set(
        output,
        node.operator === 'reshape'
          ? reshaped(output.shape, (node.inputs[0] as Value).shape, knownOf(node.inputs[0] as Value))
          : inferred(output, node, knownOf),
      );
  return knownOf;
};

/** Whether the planner may give one value another's buffer: equal extents, every one of them known. */
export const agree = (a: KnownShape, b: KnownShape): boolean =>
  a.length === b.length && a.every((extent, axis) => extent !== undefined && extent === b[axis]);
