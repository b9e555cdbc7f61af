import type { GraphBuilder } from '../builder.ts';
import type { DataType } from '../data-type.ts';
import type { Dimension, Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { Named, Results } from '../named.ts';
import type { AttributesOf, OnlyAttribute, OperatorName, Signatures } from '../signatures.ts';

export type InputsOf<O extends OperatorName> = Named<Signatures[O]['inputs'], Value>;
export type OutputsOf<O extends OperatorName> = Named<Signatures[O]['outputs'], Value>;

/** A node as its operator's rules see it. */
export interface NodeView<O extends OperatorName> {
  readonly inputs: InputsOf<O>;
  readonly outputs: OutputsOf<O>;
  readonly attributes: AttributesOf<O>;
}

export interface TensorType {
  readonly dataType: DataType;
  readonly shape: Shape;
}

/** From the inputs to the types of the outputs. Throws a plain Error on a misuse: that is a defect of the caller. */
export type TypeRule<O extends OperatorName> = (
  inputs: InputsOf<O>,
  attributes: AttributesOf<O>,
) => Results<Signatures[O]['outputs'], TensorType>;

/** What a gradient rule sees: the builder to add to, and its node. */
export interface GradientContext<O extends OperatorName> extends NodeView<O> {
  readonly g: GraphBuilder;
  /** Of the loss by the node's first output. */
  readonly gradient: Value;
}

/**
 * The gradient of the loss by each input; undefined where none flows (indices, conditions). A rule may return it in the
 * broadcast shape, and need not care which inputs matter: the driver sums down and drops what nobody uses.
 */
export type GradientRule<O extends OperatorName> = (
  context: GradientContext<O>,
) => Named<Signatures[O]['inputs'], Value | undefined>;

/** Floating-point operations of a node, given what turns its extents into numbers. */
export type FlopsRule<O extends OperatorName> = (
  node: NodeView<O>,
  extent: (dimension: Dimension) => number,
) => number;

/** Names of inputs that are one value. */
export type SingleInput<O extends OperatorName> = Exclude<Signatures[O]['inputs'][number], `...${string}`>;

/** How ONNX Runtime's CPU kernel of an operator treats memory. */
export interface OperatorMemory<O extends OperatorName> {
  /** The first output is this input under another shape: no bytes of its own. */
  readonly alias?: SingleInput<O>;
  /**
   * Inputs whose buffer the first output may take over, where it is their last use and the shapes agree. In order of preference. As the kernel's registration
   * has it (`MayInplace`): those of operators that go element by element have none.
   */
  readonly inPlace?: readonly SingleInput<O>[];
  /** What the kernel allocates besides its outputs, while it runs. */
  readonly workspace?: (node: NodeView<O>, extent: (dimension: Dimension) => number) => readonly TensorType[];
}

/** Names of the attributes. The builder's method takes the one by itself, where there is one. */
type AttributeNames<Attributes> = [keyof Attributes] extends [never]
  ? readonly []
  : [OnlyAttribute<Attributes>] extends [never]
    ? readonly (keyof Attributes)[]
    : readonly [OnlyAttribute<Attributes>];

/** All that an operator is, but for how it is lowered to a device. */
export interface OperatorEntry<O extends OperatorName> {
  readonly inputs: Signatures[O]['inputs'];
  readonly attributes: AttributeNames<AttributesOf<O>>;
  readonly outputs: Signatures[O]['outputs'];
  readonly types: TypeRule<O>;
  /** 'none': no gradient flows to any input. */
  readonly gradient: GradientRule<O> | 'none';
  /**
   * Of matrix products: two operations for each element of the result and each term of its sum. All others are bound by memory
   * rather than arithmetic and count nothing, as is usual.
   */
  readonly flops: FlopsRule<O> | 'none';
  /** Source: the kernels' registrations (`MayInplace`, `Alias`) in ONNX Runtime's CPU provider. */
  readonly memory: OperatorMemory<O>;
}

export type OperatorEntries<Family> = {
  readonly [O in keyof Family & OperatorName]: OperatorEntry<O>;
};
