import { binary, signed } from '../python/arithmetic.ts';
import { getAttribute, getItem, getSlice } from '../python/attributes.ts';
import { contains, equals, ordered } from '../python/compare.ts';
import { each, isTrue } from '../python/iterate.ts';
import { str } from '../python/repr.ts';
import {
  dict,
  isKind,
  isUndefined,
  typeName,
  undefinedValue,
  type Arguments,
  type Value,
} from '../python/values.ts';
import { filterNamed } from '../filters/filters.ts';
import { partsOf } from '../syntax/names.ts';
import type { CallArguments, ComparisonOperator, Expression, FilterNode } from '../syntax/nodes.ts';
import { readSlot, type Scope } from './scope.ts';
import { slotOf, type Symbols } from '../syntax/symbols.ts';
import { failed, syntaxError, unsupported } from '../template-error.ts';
import { tests } from '../filters/tests.ts';
import { boundedInteger, checkLength, spendCharacters, spendItems } from '../work.ts';

export type Evaluate = (scope: Scope) => Value;

/** What surrounds an expression while it is compiled. */
export interface Place {
  readonly symbols: Symbols;
  /** Directly within an if: then an unknown filter only matters where it is reached. */
  readonly soft: boolean;
}

export const compileExpression = (node: Expression, place: Place): Evaluate => {
  const evaluate = compileNode(node, place);
  if (node.type === 'binary') return (scope) => bounded(evaluate(scope), checkLength);
  return makesValues.has(node.type) ? (scope) => bounded(evaluate(scope), spendCharacters) : evaluate;
};

/** Expressions that may make a text, a list or a number that was not there before. */
const makesValues: ReadonlySet<Expression['type']> = new Set(['concat', 'call', 'filter', 'slice']);

/** What a value costs that was just made. Texts that are added are not copied before they are written. */
const bounded = (value: Value, spendText: (characters: number) => void): Value => {
  if (typeof value === 'string') spendText(value.length);
  else if (typeof value === 'bigint') boundedInteger(value);
  else if (isKind(value, 'list') || isKind(value, 'tuple')) spendItems(value.items.length);
  return value;
};

const compileNode = (node: Expression, place: Place): Evaluate => {
  const compile = (part: Expression): Evaluate => compileExpression(part, place);
  switch (node.type) {
    case 'constant': {
      const { value } = node;
      return () => value;
    }
    case 'name': {
      const { name } = node;
      const slot = slotOf(place.symbols, name);
      const absent = undefinedValue(`'${name}' is undefined`);
      return (scope) => {
        const value = readSlot(scope, slot);
        return value === undefined ? absent : value;
      };
    }
    case 'list':
    case 'tuple': {
      const items = node.items.map(compile);
      const { type: kind } = node;
      return (scope) => ({ kind, items: items.map((item) => item(scope)) });
    }
    case 'dict': {
      const pairs = node.pairs.map(([key, value]) => [compile(key), compile(value)] as const);
      return (scope) => dict(pairs.map(([key, value]) => [key(scope), value(scope)]));
    }
    case 'conditional': {
      const soft = { ...place, soft: true };
      const test = compileExpression(node.test, soft);
      const then = compileExpression(node.then, soft);
      const otherwise = node.otherwise === null ? null : compileExpression(node.otherwise, soft);
      return (scope) => {
        if (isTrue(test(scope))) return then(scope);
        return otherwise === null ? noElse : otherwise(scope);
      };
    }
    case 'binary': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const { operator } = node;
      if (operator === '**' && isConstant(node.left) && !isConstant(node.right))
        return (scope) => binary(refuseNegative(left(scope)), operator, right(scope));
      return (scope) => binary(left(scope), operator, right(scope));
    }
    case 'and':
    case 'or': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const stopsAt = node.type === 'or';
      return (scope) => {
        const value = left(scope);
        return isTrue(value) === stopsAt ? value : right(scope);
      };
    }
    case 'not': {
      const operand = compile(node.operand);
      return (scope) => !isTrue(operand(scope));
    }
    case 'sign': {
      const operand = compile(node.operand);
      const { operator } = node;
      return (scope) => signed(operator, operand(scope));
    }
    case 'concat': {
      const parts = node.parts.map(compile);
      return (scope) =>
        parts
          .map((part) => part(scope))
          .map(str)
          .join('');
    }
    case 'compare': {
      const first = compile(node.first);
      const rest = node.rest.map(([operator, operand]) => [operator, compile(operand)] as const);
      return (scope) => {
        let left = first(scope);
        for (const [operator, operand] of rest) {
          const right = operand(scope);
          if (!compare(left, operator, right)) return false;
          left = right;
        }
        return true;
      };
    }
    case 'attribute': {
      const object = compile(node.object);
      const { name } = node;
      return (scope) => getAttribute(object(scope), name);
    }
    case 'item': {
      const [object, key] = [compile(node.object), compile(node.key)];
      return (scope) => getItem(object(scope), key(scope));
    }
    case 'slice': {
      const object = compile(node.object);
      const bounds = [node.start, node.stop, node.step].map((bound) =>
        bound === null ? (): Value => null : compile(bound),
      );
      return (scope) => {
        const value = object(scope);
        const [start = null, stop = null, step = null] = bounds.map((bound) => bound(scope));
        return getSlice(value, start, stop, step);
      };
    }
    case 'call': {
      const callee = compile(node.callee);
      const args = compileArguments(node.args, place);
      return (scope) => {
        const value = callee(scope);
        return callValue(value, args(scope));
      };
    }
    case 'filter':
      return compileFilter(node, compile(node.input!), place);
    case 'test': {
      const test = Object.hasOwn(tests, node.name) ? tests[node.name]! : null;
      if (test === null && !place.soft) throw syntaxError(`No test named '${node.name}'.`, node.line);
      const input = compile(node.input);
      const args = compileArguments(node.args, place);
      return (scope) => {
        if (test === null) throw failed(`No test named '${node.name}' found.`);
        const value = input(scope);
        return test(value, args(scope));
      };
    }
  }
};

/** Known when the template is compiled. */
const isConstant = (node: Expression): boolean =>
  node.type !== 'name' && node.type !== 'call' && partsOf(node).every(isConstant);

/** Jinja2 writes a known number into Python code, where -1 ** x is -(1 ** x). */
const refuseNegative = (value: Value): Value => {
  if ((typeof value === 'bigint' || typeof value === 'number') && value < 0)
    throw unsupported('** of a negative number');
  return value;
};

const noElse = undefinedValue('the inline if-expression evaluated to false and no else section was defined.');

/** @param input the text of the block where the filter stands in a filter block */
export const compileFilter = (node: FilterNode, input: Evaluate, place: Place): Evaluate => {
  const filter = filterNamed(node.name) ?? null;
  if (filter === null && !place.soft) throw syntaxError(`No filter named '${node.name}'.`, node.line);
  const args = compileArguments(node.args, place);
  return (scope) => {
    if (filter === null) throw failed(`No filter named '${node.name}' found.`);
    const value = input(scope);
    return filter(value, args(scope));
  };
};

export const compileArguments = (
  { positional, named, spread, spreadNamed }: CallArguments,
  place: Place,
): ((scope: Scope) => Arguments) => {
  const items = positional.map((item) => compileExpression(item, place));
  const byName = named.map(([name, value]) => [name, compileExpression(value, place)] as const);
  const rest = spread === null ? null : compileExpression(spread, place);
  const restByName = spreadNamed === null ? null : compileExpression(spreadNamed, place);
  return (scope) => {
    const values = items.map((item) => item(scope));
    if (rest !== null) values.push(...each(rest(scope)));
    return { positional: values, named: namedOf(scope, byName, restByName) };
  };
};

const namedOf = (
  scope: Scope,
  byName: readonly (readonly [string, Evaluate])[],
  rest: Evaluate | null,
): Map<string, Value> => {
  const named = new Map(byName.map(([name, value]) => [name, value(scope)]));
  if (rest === null) return named;
  const value = rest(scope);
  if (!isKind(value, 'dict')) throw failed(`argument after ** must be a mapping, not ${typeName(value)}`);
  for (const [key, entry] of value.entries.values()) {
    if (typeof key !== 'string') throw failed('keywords must be strings');
    if (named.has(key)) throw failed(`got multiple values for keyword argument '${key}'`);
    named.set(key, entry);
  }
  return named;
};

/** callee(...args) */
export const callValue = (callee: Value, args: Arguments): Value => {
  if (isUndefined(callee)) throw failed(callee.message);
  if (isKind(callee, 'object') && callee.call !== undefined) return callee.call(args);
  throw failed(`'${typeName(callee)}' object is not callable`);
};

const compare = (left: Value, operator: ComparisonOperator, right: Value): boolean => {
  switch (operator) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    default:
      return ordered(left, operator, right);
  }
};
