import type { GraphBuilder } from '../graph/builder.ts';
import type { NodeOf, Value } from '../graph/graph.ts';
import { byName, inOrder, type Named } from '../graph/named.ts';
import { operators } from '../graph/operators/index.ts';
import type { OperatorName, Signatures } from '../graph/signatures.ts';
import type { Recall } from './recall.ts';

/** A rule's gradients in the order of the node's inputs. @throws Error where it does not say of each one what flows to it */
export const gradientsInOrder = <O extends OperatorName>(
  { operator, inputs }: Pick<NodeOf<O>, 'operator' | 'inputs'>,
  given: Named<Signatures[O]['inputs'], Value | undefined>,
): readonly (Value | undefined)[] => {
  try {
    const gradients = inOrder<Signatures[O]['inputs'], Value | undefined>(operators[operator].inputs, given);
    if (gradients.length === inputs.length) return gradients;
    throw new Error(`${gradients.length} gradients for ${inputs.length} inputs`);
  } catch (error) {
    throw new Error(`the gradient rule of ${operator}: ${(error as Error).message}`, { cause: error });
  }
};

/** The gradients of the loss by a node's inputs, in their order, given that by its first output. */
export const applyGradientRule = <O extends OperatorName>(
  g: GraphBuilder,
  node: NodeOf<O>,
  gradient: Value,
  recall: Recall,
): readonly (Value | undefined)[] => {
  const entry = operators[node.operator];
  if (entry.gradient === 'none') return [];
  const recallAll = (values: readonly Value[]): Value[] => values.map((value) => recall(value, gradient));
  const given = entry.gradient({
    g,
    inputs: byName(entry.inputs, recallAll(node.inputs)),
    outputs: byName(entry.outputs, recallAll(node.outputs)),
    attributes: node.attributes,
    gradient,
  });
  return gradientsInOrder(node, given);
};
