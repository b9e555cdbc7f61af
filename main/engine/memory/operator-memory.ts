import { extentOf, type Extents } from '../graph/dimension.ts';
import type { NodeOf, Value } from '../graph/graph.ts';
import { viewOf } from '../graph/node-view.ts';
import type { SingleInput, TensorType } from '../graph/operators/entry.ts';
import { operators } from '../graph/operators/index.ts';
import type { OperatorName } from '../graph/signatures.ts';

/** How ONNX Runtime's CPU kernel of a node treats memory. */
export interface NodeMemory {
  /** The input that the first output is, under another shape: no bytes of its own. */
  readonly alias: Value | undefined;
  /** Inputs whose buffer the first output may take over, where it is their last use and the shapes agree. In order of preference. */
  readonly inPlace: readonly Value[];
  /** What the kernel allocates besides its outputs, while it runs. */
  readonly workspace: readonly TensorType[];
}

export const memoryOf = <O extends OperatorName>(node: NodeOf<O>, extents: Extents): NodeMemory => {
  const { memory, ...entry } = operators[node.operator];
  const names: readonly string[] = entry.inputs;
  const input = (name: SingleInput<O>): Value => node.inputs[names.indexOf(name)] as Value;
  return {
    alias: memory.alias === undefined ? undefined : input(memory.alias),
    inPlace: memory.inPlace?.map(input) ?? [],
    workspace: memory.workspace?.(viewOf(node), (dimension) => extentOf(dimension, extents)) ?? [],
  };
};
