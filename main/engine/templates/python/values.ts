import { spendQuoted, spendValue } from '../work.ts';
import { isWrittenFloat } from '../../formats/written-number.ts';
import { failed, unsupported } from '../template-error.ts';

/**
 * What a template computes with, as Python sees it. None is null; an int is a bigint and a float a number, so that 1 and 1.0
 * stay apart; a str is a string whose length counts code points. Everything else has a `kind`.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | ListValue
  | TupleValue
  | DictValue
  | ViewValue
  | RangeValue
  | IteratorValue
  | UndefinedValue
  | MarkupValue
  | ObjectValue;

export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
}

export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
  /** Names of the items, for the named tuples that groupby makes. */
  readonly fields?: readonly string[];
}

export interface DictValue {
  readonly kind: 'dict';
  /** In the order of insertion, under what `hashOf` makes of the key. */
  readonly entries: Map<string, readonly [key: Value, value: Value]>;
}

/** What dict.keys(), .values() and .items() give. */
export interface ViewValue {
  readonly kind: 'view';
  readonly of: 'keys' | 'values' | 'items';
  readonly dict: DictValue;
}

export interface RangeValue {
  readonly kind: 'range';
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
}

/** A generator: gone through once, without a length, and always true. */
export interface IteratorValue {
  readonly kind: 'iterator';
  readonly iterator: Iterator<Value>;
}

/** Prints nothing and is false; most else that is done to it fails with `message`. */
export interface UndefinedValue {
  readonly kind: 'undefined';
  readonly message: string;
}

/** A text marked as safe HTML: what the filters safe and escape give. */
export interface MarkupValue {
  readonly kind: 'markup';
  readonly text: string;
}

/** Functions, macros, namespaces and the loop variable: known by what can be asked of them. */
export interface ObjectValue {
  readonly kind: 'object';
  readonly typeName: string;
  readonly attribute?: (name: string) => Value | undefined;
  readonly call?: (args: Arguments) => Value;
  readonly assign?: (name: string, value: Value) => void;
  readonly length?: () => number;
  readonly iterator?: () => Iterator<Value>;
  /** How it prints; absent where Python would print an address in memory. */
  readonly repr?: () => string;
}

export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export const list = (items: readonly Value[]): ListValue => ({ kind: 'list', items });
export const tuple = (...items: readonly Value[]): TupleValue => ({ kind: 'tuple', items });
export const markup = (text: string): MarkupValue => ({ kind: 'markup', text });
export const undefinedValue = (message: string): UndefinedValue => ({ kind: 'undefined', message });
export const iteratorValue = (items: Iterable<Value>): IteratorValue => ({
  kind: 'iterator',
  iterator: items[Symbol.iterator](),
});

export const functionValue = (name: string, call: (args: Arguments) => Value): ObjectValue => ({
  kind: 'object',
  typeName: 'function',
  attribute: (attribute) => (attribute === '__name__' ? name : undefined),
  call,
});

export const isKind = <Kind extends NonNullable<Exclude<Value, string | number | bigint | boolean>>['kind']>(
  value: Value,
  kind: Kind,
): value is Extract<Value, { readonly kind: Kind }> =>
  typeof value === 'object' && value !== null && value.kind === kind;

export const isUndefined = (value: Value): value is UndefinedValue => isKind(value, 'undefined');

/** bool is an int in Python. */
export const isInteger = (value: Value): value is bigint | boolean =>
  typeof value === 'bigint' || typeof value === 'boolean';

export const isNumber = (value: Value): value is bigint | boolean | number =>
  isInteger(value) || typeof value === 'number';

export const integerOf = (value: bigint | boolean): bigint => BigInt(value);

/** As Python's errors name it. */
export const typeName = (value: Value): string => {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'str';
  }
  switch (value.kind) {
    case 'view':
      return `dict_${value.of}`;
    case 'iterator':
      return 'generator';
    case 'undefined':
      return 'Undefined';
    case 'markup':
      return 'Markup';
    case 'object':
      return value.typeName;
    default:
      return value.kind;
  }
};

/**
 * The key under which a dict keeps an entry: equal for values that are equal in Python, such as 1, 1.0 and True.
 * @throws TemplateError for lists and dicts, which can't be keys
 */
export const hashOf = (value: Value): string => {
  if (value === null) return 'none';
  if (typeof value === 'string') return `"${value}`;
  if (isKind(value, 'markup')) return `"${value.text}`;
  if (isInteger(value)) return `n${BigInt(value)}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `f${value}`;
  if (isUndefined(value)) return 'undefined';
  if (isKind(value, 'tuple')) {
    spendValue();
    const hash = `(${value.items
      .map(hashOf)
      .map((hash) => `${hash.length}:${hash}`)
      .join(',')})`;
    spendQuoted(hash.length);
    return hash;
  }
  if (isKind(value, 'list') || isKind(value, 'dict')) throw failed(`unhashable type: '${typeName(value)}'`);
  throw unsupported(`a key of the type ${typeName(value)}`);
};

export const dict = (pairs: Iterable<readonly [Value, Value]>): DictValue => {
  const entries: DictValue['entries'] = new Map();
  for (const [key, value] of pairs) {
    const hash = hashOf(key);
    entries.set(hash, [entries.get(hash)?.[0] ?? key, value]);
  }
  return { kind: 'dict', entries };
};

/** What JavaScript puts first and sorts, wherever it stood. */
const wholeNumber = /^(0|[1-9]\d*)$/;

/** The entries of an object in the order in which they were written. @throws TemplateError where that is not known any more */
const inOrder = (value: object): [string, unknown][] => {
  const entries = Object.entries(value);
  const moved = entries.length > 1 ? entries.find(([key]) => wholeNumber.test(key)) : undefined;
  if (moved === undefined) return entries;
  throw unsupported(
    `an object with the key "${moved[0]}" beside others: keys that are whole numbers do not keep their place; write them with a letter before`,
  );
};

/**
 * Data as a template sees it. A JavaScript number without a fraction is an int; one that was written with a point or an exponent is a float.
 * Keys without a value (undefined) are left out. Maps keep the order of their keys, which objects do not where keys are whole numbers.
 */
export const fromPlain = (value: unknown): Value => {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object':
      if (Array.isArray(value)) return list(value.map(fromPlain));
      if (isWrittenFloat(value)) return value.float;
      return dict(
        [...(value instanceof Map ? (value as Map<string, unknown>) : inOrder(value))]
          .filter(([, entry]) => entry !== undefined)
          .map(([key, entry]) => [key, fromPlain(entry)]),
      );
    default:
      throw unsupported(`data of the type ${typeof value}`);
  }
};
