import { extentOf, type Extents } from '../graph/dimension.ts';
import type { NodeOf } from '../graph/graph.ts';
import { viewOf } from '../graph/node-view.ts';
import type { OperatorMemory, TensorType } from '../graph/operators/entry.ts';
import { operators } from '../graph/operators/index.ts';
import type { OperatorName } from '../graph/signatures.ts';
import { fusedWorkspaces } from '../lower/fused/workspace.ts';
import { takenFrom, type TakenFrom } from '../lower/taken-from.ts';
import { nativeRuntime } from '../runtime/native-runtime.ts';

/** How a node's CPU kernel treats memory: the addon's where it opens the sessions, else ONNX Runtime's. */
export interface NodeMemory extends TakenFrom {
  /** What the kernel allocates besides its outputs, while it runs. */
  readonly workspace: readonly TensorType[];
}

const workspaceOf = <O extends OperatorName>(operator: O): OperatorMemory<O>['workspace'] =>
  (nativeRuntime() ? fusedWorkspaces[operator] : undefined) ?? operators[operator].memory.workspace;

export const memoryOf = <O extends OperatorName>(node: NodeOf<O>, extents: Extents): NodeMemory => ({
  ...takenFrom(node),
  workspace: workspaceOf<O>(node.operator)?.(viewOf(node), (dimension) => extentOf(dimension, extents)) ?? [],
});
