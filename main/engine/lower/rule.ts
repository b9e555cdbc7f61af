import type { Shape } from '../graph/dimension.ts';
import type { Named, Results } from '../graph/named.ts';
import type { NodeView } from '../graph/operators/entry.ts';
import type { AttributesOf, OperatorName, Signatures } from '../graph/signatures.ts';
import type { Constants } from './constants.ts';
import type { Emit, EmitNamed } from './emitter.ts';
import type { NameClasses } from './run-time-extents.ts';

/** What a rule sees: the names of the node's inputs, and ways to name constants and to add nodes. */
export interface LoweringContext<O extends OperatorName> extends Omit<Constants, 'classes' | 'truth'> {
  readonly attributes: AttributesOf<O>;
  readonly inputs: Named<Signatures[O]['inputs'], string>;
  /** Types of inputs and outputs. */
  readonly values: Pick<NodeView<O>, 'inputs' | 'outputs'>;
  readonly emit: Emit;
  readonly emitNamed: EmitNamed;
  /** Name of the row 0, 1, ... count - 1 (1 x count) in the type that indices have. */
  readonly classes: NameClasses;
  /** Name of an int64 vector that holds the run-time extents of `shape`. */
  readonly extents: (shape: Shape) => string;
}

/** Adds the ONNX nodes of an operator and returns what they call its outputs. */
export type LoweringRule<O extends OperatorName> = (
  context: LoweringContext<O>,
) => Results<Signatures[O]['outputs'], string>;

/** One rule for every operator of a family. */
export type LoweringRules<Family = Signatures> = {
  readonly [O in keyof Family & OperatorName]: LoweringRule<O>;
};
