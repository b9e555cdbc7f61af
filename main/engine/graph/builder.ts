import type { DataType } from './data-type.ts';
import type { Dimension, Shape } from './dimension.ts';
import type { Graph, InitializerSource, Node, Value } from './graph.ts';
import type { Named } from './named.ts';
import type { Origin } from './origin.ts';
import type { AttributesOf, OnlyAttribute, OperatorName, Signatures } from './signatures.ts';

/** A scalar may be given as a plain number. */
export type Operand = Value | number;

type OperandArguments<Names extends readonly string[]> = {
  [At in keyof Names]: Names[At] extends `...${string}` ? readonly Value[] : Operand;
};

type AttributeArguments<Attributes> = [keyof Attributes] extends [never]
  ? []
  : [OnlyAttribute<Attributes>] extends [never]
    ? [attributes: Attributes]
    : [value: Attributes[OnlyAttribute<Attributes>]];

type Arguments<O extends OperatorName> = [
  ...OperandArguments<Signatures[O]['inputs']>,
  ...AttributeArguments<AttributesOf<O>>,
];

/**
 * A method for each operator. It takes the inputs in the order of the signature, '...name' as a list; then the attribute by itself
 * where there is one, or a record of all. It returns the first output.
 */
export type OperatorMethods = {
  readonly [O in OperatorName]: (...given: Arguments<O>) => Value;
};

/** What the entries of a row are drawn from, (n x 1) each. */
export interface RandomRows {
  readonly factors: Value;
  readonly shifts: Value;
}

/** Operators that are more readable in another way. */
interface SpecialMethods {
  /** x itself where it has that type. */
  readonly cast: (x: Value, to: DataType) => Value;
  /** Nothing is transposed unless it says so. */
  readonly matmul: (
    a: Operand,
    b: Operand,
    transposed?: { readonly transposeA?: boolean; readonly transposeB?: boolean },
  ) => Value;
  readonly slice: (x: Value, axis: number, start: Dimension, end: Dimension) => Value;
  /** Both outputs. */
  readonly quantizeRows: (x: Value) => readonly [values: Value, scales: Value];
  readonly uniform: (rows: RandomRows, columns: Value) => Value;
  readonly bernoulli: (rows: RandomRows, columns: Value, probability: number) => Value;
}

/**
 * What computing a value a second time would cost, for those who plan what to keep for the backward pass: a matrix product or
 * so ('costly'), or everything before it ('boundary': layers begin and end there). 'always' is kept whatever the plan.
 */
export type RecomputationCost = 'costly' | 'boundary' | 'always';

/** Collects nodes. */
export interface GraphBuilder extends Omit<OperatorMethods, keyof SpecialMethods>, SpecialMethods {
  readonly nodes: readonly Node[];
  /** The node that computes a value; none of an input or an initializer. */
  readonly producerOf: (value: Value) => Node | undefined;
  /** Adds an operator by the names of its inputs, and gives all its outputs. */
  readonly apply: <O extends OperatorName>(
    operator: O,
    inputs: Named<Signatures[O]['inputs'], Operand>,
    attributes: AttributesOf<O>,
  ) => Named<Signatures[O]['outputs'], Value>;
  /** What `make` adds is this part of the model, within the parts around it: 'pictures', and in it 'q_proj'. */
  readonly within: <T>(part: string, make: () => T) => T;
  /** What `make` adds has this origin. */
  readonly from: <T>(origin: Origin, make: () => T) => T;
  /** Adds the node's operator on other inputs. Its origin is that of what is added at the moment. */
  readonly repeat: (node: Node, inputs: readonly Value[]) => readonly Value[];
  /** Says how dear a value is to compute again; unmarked ones are cheap. */
  readonly mark: (value: Value, cost: RecomputationCost) => Value;
  readonly costs: ReadonlyMap<Value, RecomputationCost>;
  readonly input: (name: string, dataType: DataType, shape: Shape) => Value;
  readonly initializer: (name: string, dataType: DataType, shape: Shape, source: InitializerSource) => Value;
  readonly constant: (name: string, shape: Shape, data: Float32Array | BigInt64Array) => Value;
  /** The graph that computes the outputs, without what they do not need (inputs stay), verified. */
  readonly build: (outputs: Readonly<Record<string, Value>>) => Graph;
}
