import type { Shape } from './dimension.ts';
import type { OperatorAttributes, OperatorName } from './operators.ts';

export type DataType =
  'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'uint8' | 'int8' | 'int4' | 'bool';

/** A tensor that flows through a graph. Identity is by object; `id` is for people and for names in the lowered graph. */
export interface Value {
  readonly id: number;
  readonly dataType: DataType;
  readonly shape: Shape;
}

export type Node = {
  readonly [O in OperatorName]: {
    readonly operator: O;
    readonly inputs: readonly Value[];
    readonly attributes: OperatorAttributes[O];
    readonly outputs: readonly Value[];
  };
}[OperatorName];

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
