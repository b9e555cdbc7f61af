import type { Dimension, Shape } from '../graph/dimension.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { executionOrder } from './execution-order.ts';
import { takenFrom } from './taken-from.ts';

/**
 * Nodes that a buffer may lie idle between two values that share it: it is held meanwhile, and no value of another shape can have it. Measured
 * (docs/performance.md): without a bound long rows take a fifth more memory, with 4 the planner is as slow as if nothing were told.
 */
const longestIdle = 16;

/** Memory that values hold one after the other. */
interface Buffer {
  /** Type and shape of the value that it was taken for. */
  readonly key: string;
  /** No other buffer has it. */
  readonly mark: number;
  /** Values and uses still to come. */
  uses: number;
  /** The node after which it was free. */
  freedAt: number;
}

const keyOf = ({ dataType, shape }: Value): string => `${dataType} ${shape.join(' ')}`;
const isName = (extent: Dimension): extent is string => typeof extent === 'string';

const marked = (shape: Shape, mark: number): Shape =>
  shape.map((extent) => (isName(extent) ? `${extent}'${mark}` : extent));

/** How often each value is needed, a graph's outputs once more. */
const usesOf = (nodes: readonly Node[], outputs: Graph['outputs']): ((value: Value) => number) => {
  const uses = new Map<Value, number>();
  for (const value of [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ value }) => value)])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  return (value) => uses.get(value) ?? 0;
};

/**
 * The shapes that ONNX Runtime is told of the values that nodes give. Whenever one of them needs memory, its planner looks through all free buffers
 * for one of the same shape, and those whose shape it does not know stay there for good: planning a training graph took seconds, of long
 * rows half a minute. Extents of one name are equal; those of two names may be. So values that should not share a buffer differ by a mark behind
 * the names of their extents. Where all extents are numbers, nothing can tell them apart. Every buffer has a mark of its own: what is computed within an
 * operator's nodes is not seen here, takes its extents from the operator's inputs, and lies among the free ones too.
 */
export const declaredShapes = (graph: Graph): ((value: Value) => Shape) => {
  const order = executionOrder(graph.nodes, graph.outputs);
  const usesLeft = usesOf(order, graph.outputs);
  const buffers = new Map<Value, Buffer>();
  const marks = new Map<Value, number>();
  const free = new Map<string, Buffer[]>();
  const freeOf = (key: string): Buffer[] => {
    const found = free.get(key) ?? [];
    free.set(key, found);
    return found;
  };

  const takenOver = (node: Node, output: Value): Buffer | undefined => {
    if (output !== node.outputs[0]) return undefined;
    const { alias, inPlace } = takenFrom(node);
    if (alias) return buffers.get(alias);
    const dies = inPlace.find((input) => buffers.get(input)?.uses === 1 && keyOf(input) === keyOf(output));
    return dies && buffers.get(dies);
  };
  const dead = (output: Value, step: number): Buffer | undefined => {
    const idle = freeOf(keyOf(output));
    const last = idle.at(-1);
    const isNear = last !== undefined && step - last.freedAt <= longestIdle;
    return isNear || !output.shape.some(isName) ? idle.pop() : undefined;
  };
  let made = 0;
  const fresh = (output: Value): Buffer => ({ key: keyOf(output), mark: ++made, uses: 0, freedAt: 0 });

  order.forEach((node, step) => {
    const release = (value: Value): void => {
      const buffer = buffers.get(value);
      if (!buffer || --buffer.uses > 0) return;
      buffer.freedAt = step;
      freeOf(buffer.key).push(buffer);
    };
    for (const output of node.outputs) {
      const buffer = takenOver(node, output) ?? dead(output, step) ?? fresh(output);
      buffer.uses += 1 + usesLeft(output);
      buffers.set(output, buffer);
      marks.set(output, buffer.mark);
    }
    node.inputs.forEach(release);
    node.outputs.forEach(release);
  });
  return (value) => {
    const mark = marks.get(value);
    return mark === undefined ? value.shape : marked(value.shape, mark);
  };
};
