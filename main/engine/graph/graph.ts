import type { DataType } from './data-type.ts';
import type { Shape } from './dimension.ts';
import type { Origin } from './origin.ts';
import type { AttributesOf, OperatorName } from './signatures.ts';

/** A tensor that flows through a graph. Identity is by object; `id` is for people and for names in the lowered graph. */
export interface Value {
  readonly id: number;
  readonly dataType: DataType;
  readonly shape: Shape;
}

/** An operator at work. Rules see its inputs and outputs by name: `viewOf`. */
export interface NodeOf<O extends OperatorName> {
  readonly operator: O;
  readonly inputs: readonly Value[];
  readonly attributes: AttributesOf<O>;
  readonly outputs: readonly Value[];
  readonly origin: Origin;
}

export type Node = { readonly [O in OperatorName]: NodeOf<O> }[OperatorName];

/** Where an initializer's numbers are: given inline, or a byte range of a file that stays where it is. */
export type InitializerSource =
  | { readonly kind: 'inline'; readonly data: Float32Array | BigInt64Array | Int8Array | Uint8Array }
  | { readonly kind: 'file'; readonly file: string; readonly offset: number; readonly length: number };

export interface Initializer {
  readonly name: string;
  readonly value: Value;
  readonly source: InitializerSource;
}

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

/** A computation: nodes in an order in which each one's inputs are known. */
export interface Graph {
  readonly inputs: readonly NamedValue[];
  readonly initializers: readonly Initializer[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly NamedValue[];
}
