import type { Value } from './graph.ts';
import { byName, resultsInOrder } from './named.ts';
import type { TensorType } from './operators/entry.ts';
import { operators } from './operators/index.ts';
import type { AttributesOf, OperatorName } from './signatures.ts';

/** The types of an operator's outputs; a misuse throws an Error that names the operator. */
export const inferTypes = <O extends OperatorName>(
  operator: O,
  inputs: readonly Value[],
  attributes: AttributesOf<O>,
): readonly TensorType[] => {
  const { inputs: names, outputs, types } = operators[operator];
  try {
    return resultsInOrder(outputs, types(byName(names, inputs), attributes));
  } catch (error) {
    throw new Error(`${operator}: ${(error as Error).message}`, { cause: error });
  }
};
