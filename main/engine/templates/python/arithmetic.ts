import { failed, unsupported } from '../template-error.ts';
import { formatPercent } from './percent-format.ts';
import { spendCharacters, spendItems } from '../work.ts';
import { divideIntegers, floatDivMod, floorDivide, modulo, powerOf, toFloat } from './numbers.ts';
import {
  integerOf,
  isInteger,
  isKind,
  isNumber,
  isUndefined,
  list,
  markup,
  typeName,
  type Value,
} from './values.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

const escapes: Record<string, string> = {
  '&': '&amp;',
  '>': '&gt;',
  '<': '&lt;',
  "'": '&#39;',
  '"': '&#34;',
};

/** markupsafe.escape of plain text. */
export const escapeText = (text: string): string =>
  text.replaceAll(/[&<>'"]/g, (character) => escapes[character]!);

/** left (operator) right, as Python computes it. */
export const binary = (left: Value, operator: BinaryOperator, right: Value): Value => {
  for (const side of [left, right]) if (isUndefined(side)) throw failed(side.message);
  if (isNumber(left) && isNumber(right))
    return isInteger(left) && isInteger(right)
      ? ofIntegers(integerOf(left), operator, integerOf(right))
      : ofFloats(floatOf(left), operator, floatOf(right));
  const made =
    operator === '+'
      ? joined(left, right)
      : operator === '*'
        ? repeated(left, right)
        : operator === '%' && typeof left === 'string'
          ? formatPercent(left, right)
          : null;
  if (made !== null) return made;
  if (isKind(left, 'markup') || isKind(right, 'markup'))
    throw unsupported(`${operator} with a text that is marked as safe`);
  throw failed(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
};

const floatOf = (value: bigint | boolean | number): number =>
  typeof value === 'number' ? value : toFloat(integerOf(value));

const ofIntegers = (left: bigint, operator: BinaryOperator, right: bigint): Value => {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '**':
      return powerOf(left, right);
  }
  if (right === 0n) throw failed('division by zero');
  if (operator === '/') return divideIntegers(left, right);
  return operator === '//' ? floorDivide(left, right) : modulo(left, right);
};

const ofFloats = (left: number, operator: BinaryOperator, right: number): Value => {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '**':
      // Mathematical libraries differ in the last digit.
      throw unsupported('** of numbers with a fraction');
  }
  if (right === 0) throw failed('float division by zero');
  if (operator === '/') return left / right;
  const [quotient, rest] = floatDivMod(left, right);
  return operator === '//' ? quotient : rest;
};

const joined = (left: Value, right: Value): Value | null => {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (isKind(left, 'list') && isKind(right, 'list')) return list([...left.items, ...right.items]);
  if (isKind(left, 'tuple') && isKind(right, 'tuple'))
    return { kind: 'tuple', items: [...left.items, ...right.items] };
  if (isKind(left, 'markup') && isKind(right, 'markup')) return markup(left.text + right.text);
  if (isKind(left, 'markup') && typeof right === 'string') return markup(left.text + escapeText(right));
  if (typeof left === 'string' && isKind(right, 'markup')) return markup(escapeText(left) + right.text);
  if (typeof left === 'string') throw failed(`can only concatenate str (not "${typeName(right)}") to str`);
  return null;
};

const repeated = (left: Value, right: Value): Value | null => {
  if (isInteger(left)) return isInteger(right) ? null : repeated(right, left);
  if (!isInteger(right)) return null;
  const count = integerOf(right) < 0n ? 0 : Number(integerOf(right));
  if (typeof left === 'string') {
    spendCharacters(left.length * count);
    return left.repeat(count);
  }
  if (!isKind(left, 'list') && !isKind(left, 'tuple')) return null;
  spendItems(left.items.length * count);
  const items = Array.from({ length: count }, () => left.items).flat();
  return { kind: left.kind, items };
};

/** -value or +value */
export const signed = (operator: '-' | '+', value: Value): Value => {
  if (isUndefined(value)) throw failed(value.message);
  if (!isNumber(value)) throw failed(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  if (typeof value === 'number') return operator === '-' ? -value : value;
  return operator === '-' ? -integerOf(value) : integerOf(value);
};
