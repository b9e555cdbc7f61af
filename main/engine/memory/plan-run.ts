import { sameShape, type Extents } from '../graph/dimension.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { OperatorName } from '../graph/signatures.ts';
import { declaredShapes } from '../lower/declared-shapes.ts';
import { executionOrder } from '../lower/execution-order.ts';
import { bytesOf, bytesPerElement } from './extents.ts';
import { memoryOf, type NodeMemory } from './operator-memory.ts';

/** A piece of memory that one or several values hold, one after the other. */
interface Buffer {
  readonly first: Value;
  readonly bytes: number;
  /** Values and uses still to come; at zero it may be given to another value. */
  uses: number;
  /** The node before which the buffer is taken, by its place in the order. */
  readonly from: number;
  /** The node after which it is given back for good; Infinity for an output. */
  to: number;
}

/** Memory that a run takes before a step and gives back after a later one (Infinity: after the run). */
export interface Allocation {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/**
 * ONNX Runtime's plan of a sequential run, made as it makes it: a result takes over an input's buffer where the kernel allows it,
 * else that of an equally shaped value that has died (the latest first), else memory of its own; a buffer goes back after the
 * last of its values. Source: `PlannerImpl` in allocation_planner.cc; without arena and memory pattern the sizes add up as they are.
 */
export const planRun = (graph: Graph, extents: Extents): Allocation[] => {
  const order = executionOrder(graph.nodes, graph.outputs);
  const shapeOf = declaredShapes(graph);
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const { inputs } of order) inputs.forEach(use);
  for (const { value } of graph.outputs) use(value);
  // The caller's: never reused, not counted here.
  const given = new Set([...graph.inputs, ...graph.initializers].map(({ value }) => value));

  const buffers = new Map<Value, Buffer>();
  const free: Buffer[] = [];
  const made: Allocation[] = [];
  const sameSize = (a: Value, b: Value): boolean =>
    bytesPerElement[a.dataType] === bytesPerElement[b.dataType] && sameShape(shapeOf(a), shapeOf(b));

  const takenOver = (node: Node, output: Value, { alias, inPlace }: NodeMemory): Buffer | undefined => {
    if (output !== node.outputs[0]) return undefined;
    if (alias) return buffers.get(alias);
    for (const input of inPlace) {
      const buffer = buffers.get(input);
      if (buffer?.uses === 1 && sameSize(input, output)) return buffer;
    }
    return undefined;
  };
  const dead = (output: Value): Buffer | undefined => {
    if (output.shape.length === 0) return undefined;
    const at = free.findLastIndex(({ first }) => sameSize(first, output));
    return at < 0 ? undefined : free.splice(at, 1)[0];
  };

  order.forEach((node, step) => {
    const memory = memoryOf<OperatorName>(node, extents);
    const release = (value: Value): void => {
      const buffer = buffers.get(value);
      if (!buffer || --buffer.uses > 0) return;
      buffer.to = step;
      free.push(buffer);
    };
    for (const output of node.outputs) {
      const count = 1 + (uses.get(output) ?? 0);
      if (memory.alias && given.has(memory.alias)) {
        given.add(output);
        continue;
      }
      const reused = takenOver(node, output, memory) ?? dead(output);
      const buffer = reused ?? {
        first: output,
        bytes: bytesOf(output, extents),
        uses: 0,
        from: step,
        to: Infinity,
      };
      if (!reused) made.push(buffer);
      buffer.uses += count;
      buffer.to = Infinity;
      buffers.set(output, buffer);
    }
    for (const value of memory.workspace) made.push({ bytes: bytesOf(value, extents), from: step, to: step });
    node.inputs.forEach(release);
    node.outputs.forEach(release);
  });

  return made;
};
