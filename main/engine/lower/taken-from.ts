import type { NodeOf, Value } from '../graph/graph.ts';
import type { SingleInput } from '../graph/operators/entry.ts';
import { operators } from '../graph/operators/index.ts';
import type { OperatorName } from '../graph/signatures.ts';

/** Whose memory a node's first output has on the CPU. */
export interface TakenFrom {
  /** The input that it is, under another shape: no bytes of its own. */
  readonly alias: Value | undefined;
  /** Inputs whose buffer it may take over, where it is their last use and the shapes agree. In order of preference. */
  readonly inPlace: readonly Value[];
}

/** As the operator's entry says it, with a node's own inputs. */
export const takenFrom = <O extends OperatorName>({ operator, inputs }: NodeOf<O>): TakenFrom => {
  const { memory, ...entry } = operators[operator];
  const names: readonly string[] = entry.inputs;
  const input = (name: SingleInput<O>): Value => inputs[names.indexOf(name)] as Value;
  return {
    alias: memory.alias === undefined ? undefined : input(memory.alias),
    inPlace: memory.inPlace?.map(input) ?? [],
  };
};
