import { bind } from '../python/arguments.ts';
import { binary } from '../python/arithmetic.ts';
import { contains, equals, ordered, type Ordering } from '../python/compare.ts';
import { iteratorOf, sizeOf } from '../python/iterate.ts';
import { isLower, isUpper } from '../python/letter-case.ts';
import { str } from '../python/repr.ts';
import { isKind, isNumber, isUndefined, type Arguments, type Value } from '../python/values.ts';
import { filterNamed } from './filter-table.ts';
import { unsupported } from '../template-error.ts';

export type Test = (value: Value, args: Arguments) => boolean;

const plain =
  (name: string, test: (value: Value) => boolean): Test =>
  (value, args) => {
    bind(`the test ${name}`, '', args);
    return test(value);
  };

const pair =
  (name: string, test: (value: Value, other: Value) => boolean): Test =>
  (value, args) => {
    const [other] = bind(`the test ${name}`, 'other', args);
    return test(value, other!);
  };

const order = (operator: Ordering): Test => pair(operator, (value, other) => ordered(value, operator, other));

const rest = (value: Value, divisor: Value): Value => binary(value, '%', divisor);

const equal = pair('eq', equals);
const unequal = pair('ne', (value, other) => !equals(value, other));

const isLoop = (value: Value): boolean => isKind(value, 'object') && value.typeName === 'LoopContext';

/** `is`: sure for None, True and False, and where the values differ; else it depends on how Python keeps its objects. */
const isSame = (value: Value, other: Value): boolean => {
  if (value === null || other === null || typeof value === 'boolean' || typeof other === 'boolean')
    return value === other;
  if (typeof value === typeof other && typeof value !== 'object') {
    if (!equals(value, other)) return false;
    throw unsupported('the test sameas of equal texts or numbers');
  }
  if (typeof value === 'object' && typeof other === 'object' && value.kind === other.kind) {
    if (value === other) return true;
    throw unsupported('the test sameas of lists, dicts and the like');
  }
  return false;
};

/** All tests of Jinja2 under their names. */
export const tests: Readonly<Record<string, Test>> = {
  '!=': unequal,
  '<': order('<'),
  '<=': order('<='),
  '==': equal,
  '>': order('>'),
  '>=': order('>='),
  boolean: plain('boolean', (value) => typeof value === 'boolean'),
  callable: plain(
    'callable',
    (value) => isUndefined(value) || (isKind(value, 'object') && value.call !== undefined),
  ),
  defined: plain('defined', (value) => !isUndefined(value)),
  divisibleby: (value, args) => {
    const [divisor] = bind('the test divisibleby', 'num', args);
    return equals(rest(value, divisor!), 0n);
  },
  eq: equal,
  equalto: equal,
  escaped: plain('escaped', (value) => isKind(value, 'markup')),
  even: plain('even', (value) => equals(rest(value, 2n), 0n)),
  false: plain('false', (value) => value === false),
  filter: plain('filter', (value) => typeof value === 'string' && filterNamed(value) !== undefined),
  float: plain('float', (value) => typeof value === 'number'),
  ge: order('>='),
  greaterthan: order('>'),
  gt: order('>'),
  in: (value, args) => {
    const [container] = bind('the test in', 'seq', args);
    return contains(container!, value);
  },
  integer: plain('integer', (value) => typeof value === 'bigint'),
  iterable: plain(
    'iterable',
    (value) => isKind(value, 'undefined') || iteratorOf(value) !== null || isLoop(value),
  ),
  le: order('<='),
  lessthan: order('<'),
  lower: plain('lower', (value) => isLower(str(value))),
  lt: order('<'),
  mapping: plain('mapping', (value) => isKind(value, 'dict')),
  ne: unequal,
  none: plain('none', (value) => value === null),
  number: plain('number', isNumber),
  odd: plain('odd', (value) => equals(rest(value, 2n), 1n)),
  sameas: pair('sameas', isSame),
  sequence: plain(
    'sequence',
    (value) => sizeOf(value) !== null && !isKind(value, 'view') && !isKind(value, 'object'),
  ),
  string: plain('string', (value) => typeof value === 'string' || isKind(value, 'markup')),
  test: plain('test', (value) => typeof value === 'string' && Object.hasOwn(tests, value)),
  true: plain('true', (value) => value === true),
  undefined: plain('undefined', isUndefined),
  upper: plain('upper', (value) => isUpper(str(value))),
};
