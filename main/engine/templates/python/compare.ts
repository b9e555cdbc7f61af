import { failed, unsupported } from '../template-error.ts';
import { spendReading, spendValue } from '../work.ts';
import { compareText } from './characters.ts';
import { each, rangeLength } from './iterate.ts';
import {
  hashOf,
  integerOf,
  isInteger,
  isKind,
  isNumber,
  isUndefined,
  typeName,
  type DictValue,
  type Value,
} from './values.ts';

const plainText = (value: Value): string | null =>
  typeof value === 'string' ? value : isKind(value, 'markup') ? value.text : null;

const comparable = (value: bigint | boolean | number): bigint | number =>
  isInteger(value) ? integerOf(value) : value;

/** left == right */
export const equals = (left: Value, right: Value): boolean => {
  if (isNumber(left) && isNumber(right)) {
    const [a, b] = [comparable(left), comparable(right)];
    // An int and a float are compared by their exact values.
    // eslint-disable-next-line eqeqeq
    return a == b;
  }
  const [leftText, rightText] = [plainText(left), plainText(right)];
  if (leftText !== null && rightText !== null && leftText.length === rightText.length)
    spendReading(leftText.length);
  if (leftText !== null || rightText !== null) return leftText === rightText;
  spendValue();
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right;
  if (left.kind !== right.kind) return false;
  if (left === right) return true;
  switch (left.kind) {
    case 'undefined':
      return true;
    case 'list':
    case 'tuple':
      return sameItems(left.items, (right as typeof left).items);
    case 'dict':
      return sameEntries(left, right as DictValue);
    case 'range': {
      const other = right as typeof left;
      const count = rangeLength(left);
      if (count !== rangeLength(other)) return false;
      return count === 0n || (left.start === other.start && (count === 1n || left.step === other.step));
    }
    case 'view':
      throw unsupported('== of what keys(), values() or items() give');
    default:
      return false;
  }
};

/** Python's containers take an item for equal to itself without asking (NaN). */
const same = (left: Value, right: Value): boolean =>
  (typeof left === 'object' && left !== null && left === right) || equals(left, right);

const sameItems = (left: readonly Value[], right: readonly Value[]): boolean =>
  left.length === right.length && left.every((item, index) => same(item, right[index]!));

const sameEntries = (left: DictValue, right: DictValue): boolean =>
  left.entries.size === right.entries.size &&
  [...left.entries].every(([hash, [, value]]) => {
    const other = right.entries.get(hash);
    return other !== undefined && same(value, other[1]);
  });

export type Ordering = '<' | '<=' | '>' | '>=';

/** left < right and its kin. @throws TemplateError for kinds that have no order */
export const ordered = (left: Value, operator: Ordering, right: Value): boolean => {
  for (const side of [left, right]) if (isUndefined(side)) throw failed(side.message);
  if (isNumber(left) && isNumber(right)) {
    const [a, b] = [comparable(left), comparable(right)];
    if (operator === '<') return a < b;
    if (operator === '<=') return a <= b;
    return operator === '>' ? a > b : a >= b;
  }
  const [leftText, rightText] = [plainText(left), plainText(right)];
  if (leftText !== null && rightText !== null) return holds(compareText(leftText, rightText), operator);
  if ((isKind(left, 'list') && isKind(right, 'list')) || (isKind(left, 'tuple') && isKind(right, 'tuple')))
    return orderedItems(left.items, operator, right.items);
  if (isKind(left, 'view') && isKind(right, 'view')) throw unsupported(`${operator} of keys() or items()`);
  throw failed(
    `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  );
};

const holds = (order: number, operator: Ordering): boolean => {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
};

const orderedItems = (left: readonly Value[], operator: Ordering, right: readonly Value[]): boolean => {
  const different = left.findIndex((item, index) => index >= right.length || !same(item, right[index]!));
  if (different === -1 || different >= right.length) return holds(left.length - right.length, operator);
  return ordered(left[different]!, operator, right[different]!);
};

/** item in container */
export const contains = (container: Value, item: Value): boolean => {
  const text = plainText(container);
  if (text !== null) {
    const part = plainText(item);
    if (part === null) throw failed(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    return text.includes(part);
  }
  if (isKind(container, 'dict')) return container.entries.has(hashOf(item));
  if (isKind(container, 'view') && container.of === 'keys') return container.dict.entries.has(hashOf(item));
  for (const entry of iterable(container)) if (same(entry, item)) return true;
  return false;
};

const iterable = (container: Value): Iterable<Value> => {
  try {
    return each(container);
  } catch {
    throw failed(`argument of type '${typeName(container)}' is not iterable`);
  }
};

/** sorted(items, key=..., reverse=...): stable. */
export const sorted = (items: readonly Value[], key: (item: Value) => Value, reverse = false): Value[] => {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  if (keyed.length > 1 && keyed.some(({ key: found }) => holdsNan(found)))
    throw unsupported('sorting what is not a number (nan)');
  const order = (left: Value, right: Value): number =>
    ordered(left, '<', right) ? -1 : ordered(right, '<', left) ? 1 : 0;
  return keyed
    .toSorted((left, right) => (reverse ? order(right.key, left.key) : order(left.key, right.key)))
    .map(({ item }) => item);
};

const holdsNan = (value: Value): boolean =>
  Number.isNaN(value) || ((isKind(value, 'list') || isKind(value, 'tuple')) && value.items.some(holdsNan));
