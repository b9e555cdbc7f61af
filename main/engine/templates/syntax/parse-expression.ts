import type { BinaryOperator } from '../python/arithmetic.ts';
import { unsupported } from '../template-error.ts';
import { describeToken, type TokenStream } from './token-stream.ts';
import type { CallArguments, CallNode, ComparisonOperator, Expression, FilterNode } from './nodes.ts';

const constants = new Map<string, null | boolean>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

export const isConstantName = (name: string): boolean => constants.has(name);

const none: CallArguments = { positional: [], named: [], spread: null, spreadNamed: null };

/** Jinja2's grammar of expressions, loosest first. */
export const parseExpression = (stream: TokenStream): Expression => {
  let result = parseOr(stream);
  while (stream.skipName('if')) {
    const test = parseOr(stream);
    const otherwise = stream.skipName('else') ? parseExpression(stream) : null;
    result = { type: 'conditional', test, then: result, otherwise };
  }
  return result;
};

/** One expression, or several with commas between them: a tuple. */
export const parseTuple = (
  stream: TokenStream,
  {
    conditional = true,
    parenthesised = false,
    until = [],
  }: { conditional?: boolean; parenthesised?: boolean; until?: readonly string[] } = {},
): Expression => {
  const items: Expression[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) stream.expect('operator', ',');
    if (isTupleEnd(stream, until)) break;
    items.push(conditional ? parseExpression(stream) : parseOr(stream));
    if (!stream.atOperator(',')) break;
    isTuple = true;
  }
  if (!isTuple && items.length === 1) return items[0]!;
  if (!isTuple && !parenthesised)
    throw stream.fail(`expected an expression, not ${describeToken(stream.current())}`);
  return { type: 'tuple', items };
};

export const isTupleEnd = (stream: TokenStream, until: readonly string[]): boolean =>
  ['variable_end', 'block_end'].includes(stream.current().type) ||
  stream.atOperator(')') ||
  stream.atName(...until);

const parseOr = (stream: TokenStream): Expression => {
  let left = parseAnd(stream);
  while (stream.skipName('or')) left = { type: 'or', left, right: parseAnd(stream) };
  return left;
};

const parseAnd = (stream: TokenStream): Expression => {
  let left = parseNot(stream);
  while (stream.skipName('and')) left = { type: 'and', left, right: parseNot(stream) };
  return left;
};

const parseNot = (stream: TokenStream): Expression =>
  stream.skipName('not') ? { type: 'not', operand: parseNot(stream) } : parseCompare(stream);

const parseCompare = (stream: TokenStream): Expression => {
  const first = parseSum(stream);
  const rest: [ComparisonOperator, Expression][] = [];
  for (;;) {
    const operator = takeComparison(stream);
    if (operator === null) return rest.length === 0 ? first : { type: 'compare', first, rest };
    rest.push([operator, parseSum(stream)]);
  }
};

const takeComparison = (stream: TokenStream): ComparisonOperator | null => {
  if (stream.atOperator('==', '!=', '<', '<=', '>', '>=')) return stream.take().value as ComparisonOperator;
  if (stream.skipName('in')) return 'in';
  const { type, value } = stream.ahead();
  if (!stream.atName('not') || type !== 'name' || value !== 'in') return null;
  stream.take();
  stream.take();
  return 'not in';
};

const parseBinary =
  (operators: readonly BinaryOperator[], operand: (stream: TokenStream) => Expression) =>
  (stream: TokenStream): Expression => {
    let left = operand(stream);
    while (stream.atOperator(...operators)) {
      const operator = stream.take().value as BinaryOperator;
      left = { type: 'binary', operator, left, right: operand(stream) };
    }
    return left;
  };

const parsePower = parseBinary(['**'], (stream) => parseUnary(stream, true));
const parseProduct = parseBinary(['*', '/', '//', '%'], parsePower);

const parseConcat = (stream: TokenStream): Expression => {
  const parts = [parseProduct(stream)];
  while (stream.skipOperator('~')) parts.push(parseProduct(stream));
  return parts.length === 1 ? parts[0]! : { type: 'concat', parts };
};

const parseSum = parseBinary(['+', '-'], parseConcat);

const parseUnary = (stream: TokenStream, withFilter: boolean): Expression => {
  const start: Expression = stream.atOperator('-', '+')
    ? { type: 'sign', operator: stream.take().value as '+' | '-', operand: parseUnary(stream, false) }
    : parsePrimary(stream);
  const node = parsePostfix(stream, start);
  return withFilter ? parseFilters(stream, node) : node;
};

export const parsePrimary = (stream: TokenStream): Expression => {
  const { type, value } = stream.current();
  switch (type) {
    case 'name':
      stream.take();
      return constants.has(value)
        ? { type: 'constant', value: constants.get(value)! }
        : { type: 'name', name: value };
    case 'string': {
      let text = '';
      while (stream.current().type === 'string') text += stream.take().value;
      return { type: 'constant', value: text };
    }
    case 'integer':
      stream.take();
      return { type: 'constant', value: BigInt(value) };
    case 'float':
      stream.take();
      return { type: 'constant', value: Number(value) };
  }
  if (stream.skipOperator('(')) {
    const inner = parseTuple(stream, { parenthesised: true });
    stream.expect('operator', ')');
    return inner;
  }
  if (stream.skipOperator('[')) return { type: 'list', items: parseUntil(stream, ']', parseExpression) };
  if (stream.skipOperator('{')) return { type: 'dict', pairs: parseUntil(stream, '}', parsePair) };
  throw stream.fail(`unexpected ${describeToken(stream.current())}`);
};

/** What stands between commas up to a bracket; a last comma may stand before it. */
const parseUntil = <Item>(
  stream: TokenStream,
  close: string,
  parseItem: (stream: TokenStream) => Item,
): Item[] => {
  const items: Item[] = [];
  while (!stream.atOperator(close)) {
    if (items.length > 0) stream.expect('operator', ',');
    if (stream.atOperator(close)) break;
    items.push(parseItem(stream));
  }
  stream.expect('operator', close);
  return items;
};

const parsePair = (stream: TokenStream): [Expression, Expression] => {
  const key = parseExpression(stream);
  stream.expect('operator', ':');
  return [key, parseExpression(stream)];
};

export const parsePostfix = (stream: TokenStream, start: Expression): Expression => {
  let node = start;
  for (;;) {
    if (stream.skipOperator('.')) node = parseMember(stream, node);
    else if (stream.skipOperator('[')) node = parseSubscript(stream, node);
    else if (stream.atOperator('(')) node = parseCall(stream, node);
    else return node;
  }
};

const parseMember = (stream: TokenStream, object: Expression): Expression => {
  const { type, value } = stream.take();
  if (type === 'name') return { type: 'attribute', object, name: value };
  if (type === 'integer') return { type: 'item', object, key: { type: 'constant', value: BigInt(value) } };
  throw stream.fail('expected a name or a number behind the point');
};

const parseSubscript = (stream: TokenStream, object: Expression): Expression => {
  const node = parseSubscribed(stream, object);
  if (!stream.atOperator(',')) {
    stream.expect('operator', ']');
    return node;
  }
  if (node.type === 'slice') throw unsupported('a slice among several subscripts');
  const items = [(node as Extract<Expression, { type: 'item' }>).key];
  while (stream.skipOperator(',')) {
    if (stream.atOperator(':')) throw unsupported('a slice among several subscripts');
    items.push(parseExpression(stream));
  }
  stream.expect('operator', ']');
  return { type: 'item', object, key: { type: 'tuple', items } };
};

const parseSubscribed = (stream: TokenStream, object: Expression): Expression => {
  const start = stream.atOperator(':') ? null : parseExpression(stream);
  if (start !== null && !stream.atOperator(':')) return { type: 'item', object, key: start };
  stream.expect('operator', ':');
  const bound = (): Expression | null => (stream.atOperator(':', ']', ',') ? null : parseExpression(stream));
  const stop = bound();
  const step = stream.skipOperator(':') ? bound() : null;
  return { type: 'slice', object, start, stop, step };
};

const parseCall = (stream: TokenStream, callee: Expression): CallNode => ({
  type: 'call',
  callee,
  args: parseArguments(stream),
});

const parseArguments = (stream: TokenStream): CallArguments => {
  stream.expect('operator', '(');
  const positional: Expression[] = [];
  const named: [string, Expression][] = [];
  let spread: Expression | null = null;
  let spreadNamed: Expression | null = null;
  const ensure = (fine: boolean): void => {
    if (!fine) throw stream.fail('invalid syntax for function call expression');
  };
  parseUntil(stream, ')', () => {
    if (stream.atOperator('*')) {
      ensure(spread === null && spreadNamed === null);
      stream.take();
      spread = parseExpression(stream);
    } else if (stream.atOperator('**')) {
      ensure(spreadNamed === null);
      stream.take();
      spreadNamed = parseExpression(stream);
    } else if (
      stream.current().type === 'name' &&
      stream.ahead().value === '=' &&
      stream.ahead().type === 'operator'
    ) {
      ensure(spreadNamed === null);
      const name = stream.take().value;
      stream.take();
      if (named.some(([other]) => other === name)) throw stream.fail(`keyword argument repeated: ${name}`);
      named.push([name, parseExpression(stream)]);
    } else {
      ensure(spread === null && spreadNamed === null && named.length === 0);
      positional.push(parseExpression(stream));
    }
  });
  return { positional, named, spread, spreadNamed };
};

const parseFilters = (stream: TokenStream, start: Expression): Expression => {
  let node = start;
  for (;;) {
    if (stream.atOperator('|')) node = parseFilter(stream, node)!;
    else if (stream.atName('is')) node = parseTest(stream, node);
    else if (stream.atOperator('(')) node = parseCall(stream, node);
    else return node;
  }
};

/** @param inline the first filter has no `|` before it, as in a filter block */
export const parseFilter = (
  stream: TokenStream,
  input: Expression | null,
  inline = false,
): FilterNode | null => {
  let node: FilterNode | null = null;
  for (let first = inline; first || stream.atOperator('|'); first = false) {
    if (!first) stream.take();
    const { line } = stream.current();
    const name = parseDottedName(stream);
    const args = stream.atOperator('(') ? parseArguments(stream) : none;
    node = { type: 'filter', name, input: node ?? input, args, line };
  }
  return node;
};

const parseDottedName = (stream: TokenStream): string => {
  let name = stream.expect('name').value;
  while (stream.skipOperator('.')) name += `.${stream.expect('name').value}`;
  return name;
};

const parseTest = (stream: TokenStream, input: Expression): Expression => {
  const { line } = stream.take();
  const negated = stream.skipName('not');
  const name = parseDottedName(stream);
  const node: Expression = { type: 'test', name, input, args: parseTestArguments(stream), line };
  return negated ? { type: 'not', operand: node } : node;
};

const parseTestArguments = (stream: TokenStream): CallArguments => {
  if (stream.atOperator('(')) return parseArguments(stream);
  const opens =
    ['name', 'string', 'integer', 'float'].includes(stream.current().type) || stream.atOperator('[', '{');
  if (!opens || stream.atName('else', 'or', 'and')) return none;
  if (stream.atName('is')) throw stream.fail('You cannot chain multiple tests with is');
  return { ...none, positional: [parsePostfix(stream, parsePrimary(stream))] };
};
