import type { BinaryOperator } from '../python/arithmetic.ts';
import type { Ordering } from '../python/compare.ts';
import type { Value } from '../python/values.ts';

export interface CallArguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [name: string, value: Expression])[];
  readonly spread: Expression | null;
  readonly spreadNamed: Expression | null;
}

export interface NameNode {
  readonly type: 'name';
  readonly name: string;
}

export interface FilterNode {
  readonly type: 'filter';
  readonly name: string;
  /** null in a filter block: the block's text. */
  readonly input: Expression | null;
  readonly args: CallArguments;
  readonly line: number;
}

export interface CallNode {
  readonly type: 'call';
  readonly callee: Expression;
  readonly args: CallArguments;
}

export type ComparisonOperator = Ordering | '==' | '!=' | 'in' | 'not in';

export type Expression =
  | NameNode
  | FilterNode
  | CallNode
  | { readonly type: 'constant'; readonly value: Value }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly pairs: readonly (readonly [key: Expression, value: Expression])[] }
  | {
      readonly type: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression | null;
    }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'not'; readonly operand: Expression }
  | { readonly type: 'sign'; readonly operator: '+' | '-'; readonly operand: Expression }
  | { readonly type: 'concat'; readonly parts: readonly Expression[] }
  | {
      readonly type: 'compare';
      readonly first: Expression;
      readonly rest: readonly (readonly [operator: ComparisonOperator, operand: Expression])[];
    }
  | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly type: 'item'; readonly object: Expression; readonly key: Expression }
  | {
      readonly type: 'slice';
      readonly object: Expression;
      readonly start: Expression | null;
      readonly stop: Expression | null;
      readonly step: Expression | null;
    }
  | {
      readonly type: 'test';
      readonly name: string;
      readonly input: Expression;
      readonly args: CallArguments;
      readonly line: number;
    };

/** What can be assigned to. `member` is a namespace's. */
export type Target =
  | NameNode
  | { readonly type: 'targets'; readonly items: readonly Target[] }
  | { readonly type: 'member'; readonly name: string; readonly attribute: string };

export interface Parameter {
  readonly name: string;
  readonly standard: Expression | null;
}

export interface MacroNode {
  readonly type: 'macro';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly line: number;
}

export interface CallBlockNode {
  readonly type: 'call-block';
  readonly call: CallNode;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly line: number;
}

export interface ForNode {
  readonly type: 'for';
  readonly target: Target;
  readonly iterable: Expression;
  readonly test: Expression | null;
  readonly recursive: boolean;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
  readonly line: number;
}

export interface GenerationNode {
  readonly type: 'generation';
  readonly body: readonly Statement[];
  readonly line: number;
}

export type Statement =
  | MacroNode
  | CallBlockNode
  | ForNode
  | GenerationNode
  | { readonly type: 'data'; readonly text: string; readonly line: number }
  | { readonly type: 'print'; readonly value: Expression; readonly line: number }
  | { readonly type: 'set'; readonly target: Target; readonly value: Expression; readonly line: number }
  | {
      readonly type: 'set-block';
      readonly target: Target;
      readonly filter: FilterNode | null;
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly type: 'if';
      readonly branches: readonly (readonly [test: Expression, body: readonly Statement[]])[];
      readonly otherwise: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly type: 'filter-block';
      readonly filter: FilterNode;
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly type: 'with';
      readonly bindings: readonly (readonly [target: Target, value: Expression])[];
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | { readonly type: 'break' | 'continue'; readonly line: number };
