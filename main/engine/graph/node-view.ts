import { byName } from './named.ts';
import type { NodeOf } from './graph.ts';
import type { NodeView } from './operators/entry.ts';
import { operators } from './operators/index.ts';
import type { OperatorName } from './signatures.ts';

/** The node's inputs and outputs by the names that its operator gives them. */
export const viewOf = <O extends OperatorName>({
  operator,
  inputs,
  outputs,
  attributes,
}: NodeOf<O>): NodeView<O> => ({
  inputs: byName(operators[operator].inputs, inputs),
  outputs: byName(operators[operator].outputs, outputs),
  attributes,
});
