import { tokenize } from './lexer.ts';
import type { CallBlockNode, ForNode, MacroNode, Parameter, Statement, Target } from './nodes.ts';
import { isConstantName, isTupleEnd, parseExpression, parseFilter, parseTuple } from './parse-expression.ts';
import { syntaxError, TemplateError, unsupported } from '../template-error.ts';
import { describeToken, streamOf, type TokenStream } from './token-stream.ts';

/** @throws TemplateError with the line */
export const parseTemplate = (source: string): Statement[] => {
  const stream = streamOf(tokenize(source));
  try {
    return parseBody(stream, []);
  } catch (error) {
    if (error instanceof TemplateError) error.line ??= stream.current().line;
    throw error;
  }
};

/** Statements up to a tag of one of these names, which stays the current token. None: up to the end of the template. */
const parseBody = (stream: TokenStream, ends: readonly string[]): Statement[] => {
  const body: Statement[] = [];
  for (;;) {
    const { type, value, line } = stream.take();
    if (type === 'eof') {
      if (ends.length === 0) return body;
      throw syntaxError(`the template ends where ${ends.join(' or ')} was expected`, line);
    }
    if (type === 'data') {
      body.push({ type: 'data', text: value, line });
    } else if (type === 'variable_begin') {
      body.push({ type: 'print', value: parseTuple(stream), line });
      stream.expect('variable_end');
    } else {
      if (stream.atName(...ends)) return body;
      body.push(...parseStatement(stream, line));
      stream.expect('block_end');
    }
  }
};

/** The body of a block up to the tag that ends it, whose name is taken. */
const parseBlock = (stream: TokenStream, ...ends: string[]): Statement[] => {
  stream.skipOperator(':');
  stream.expect('block_end');
  const body = parseBody(stream, ends);
  if (ends.length === 1) stream.take();
  return body;
};

const refused: Record<string, string> = {
  extends: 'other templates, which extends needs',
  include: 'other templates, which include needs',
  import: 'other templates, which import needs',
  from: 'other templates, which from needs',
  block: 'the block tag',
  autoescape: 'the autoescape tag',
};

const parseStatement = (stream: TokenStream, line: number): Statement[] => {
  const tag = stream.expect('name').value;
  switch (tag) {
    case 'for':
      return [parseFor(stream, line)];
    case 'if':
      return [parseIf(stream, line)];
    case 'set':
      return [parseSet(stream, line)];
    case 'macro':
      return [parseMacro(stream, line)];
    case 'call':
      return [parseCallBlock(stream, line)];
    case 'generation':
      return [{ type: 'generation', body: parseBlock(stream, 'endgeneration'), line }];
    case 'filter': {
      const filter = parseFilter(stream, null, true)!;
      return [{ type: 'filter-block', filter, body: parseBlock(stream, 'endfilter'), line }];
    }
    case 'with':
      return [parseWith(stream, line)];
    case 'print':
      return parsePrint(stream, line);
    case 'break':
    case 'continue':
      return [{ type: tag, line }];
  }
  const missing = refused[tag];
  throw missing === undefined
    ? syntaxError(`Encountered unknown tag '${tag}'`, line)
    : unsupported(`${missing}`);
};

const parseFor = (stream: TokenStream, line: number): ForNode => {
  const target = parseTarget(stream, { until: ['in'] });
  stream.expect('name', 'in');
  const iterable = parseTuple(stream, { conditional: false, until: ['recursive'] });
  const test = stream.skipName('if') ? parseExpression(stream) : null;
  const recursive = stream.skipName('recursive');
  const body = parseBlock(stream, 'endfor', 'else');
  const otherwise = stream.take().value === 'else' ? parseBlock(stream, 'endfor') : [];
  return { type: 'for', target, iterable, test, recursive, body, otherwise, line };
};

const parseIf = (stream: TokenStream, line: number): Statement => {
  const branches: [ReturnType<typeof parseTuple>, Statement[]][] = [];
  for (;;) {
    const test = parseTuple(stream, { conditional: false });
    branches.push([test, parseBlock(stream, 'elif', 'else', 'endif')]);
    const end = stream.take().value;
    if (end === 'elif') continue;
    return {
      type: 'if',
      branches,
      otherwise: end === 'else' ? parseBlock(stream, 'endif') : [],
      line,
    };
  }
};

const parseSet = (stream: TokenStream, line: number): Statement => {
  const target = parseTarget(stream, { members: true });
  if (stream.skipOperator('=')) return { type: 'set', target, value: parseTuple(stream), line };
  const filter = parseFilter(stream, null);
  return { type: 'set-block', target, filter, body: parseBlock(stream, 'endset'), line };
};

const parseWith = (stream: TokenStream, line: number): Statement => {
  const bindings: [Target, ReturnType<typeof parseExpression>][] = [];
  while (stream.current().type !== 'block_end') {
    if (bindings.length > 0) stream.expect('operator', ',');
    const target = parseTarget(stream, {});
    stream.expect('operator', '=');
    bindings.push([target, parseExpression(stream)]);
  }
  return { type: 'with', bindings, body: parseBlock(stream, 'endwith'), line };
};

const parsePrint = (stream: TokenStream, line: number): Statement[] => {
  const printed: Statement[] = [];
  while (stream.current().type !== 'block_end') {
    if (printed.length > 0) stream.expect('operator', ',');
    printed.push({ type: 'print', value: parseExpression(stream), line });
  }
  return printed;
};

const parseMacro = (stream: TokenStream, line: number): MacroNode => {
  const name = stream.expect('name').value;
  const parameters = parseSignature(stream);
  return { type: 'macro', name, parameters, body: parseBlock(stream, 'endmacro'), line };
};

const parseCallBlock = (stream: TokenStream, line: number): CallBlockNode => {
  const parameters = stream.atOperator('(') ? parseSignature(stream) : [];
  const call = parseExpression(stream);
  if (call.type !== 'call') throw stream.fail('expected a call');
  return { type: 'call-block', call, parameters, body: parseBlock(stream, 'endcall'), line };
};

const parseSignature = (stream: TokenStream): Parameter[] => {
  const parameters: Parameter[] = [];
  stream.expect('operator', '(');
  while (!stream.atOperator(')')) {
    if (parameters.length > 0) stream.expect('operator', ',');
    const name = stream.expect('name').value;
    const standard = stream.skipOperator('=') ? parseExpression(stream) : null;
    if (standard === null && parameters.some((parameter) => parameter.standard !== null))
      throw stream.fail('non-default argument follows default argument');
    if (parameters.some((parameter) => parameter.name === name))
      throw stream.fail(`duplicate argument '${name}'`);
    parameters.push({ name, standard });
  }
  stream.expect('operator', ')');
  return parameters;
};

/** One name, or several with commas between them. @param members whether ns.name may be assigned to */
const parseTarget = (
  stream: TokenStream,
  { until = [], members = false }: { until?: readonly string[]; members?: boolean },
): Target => {
  const items: Target[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) stream.expect('operator', ',');
    if (isTupleEnd(stream, until)) break;
    items.push(parseSingleTarget(stream, members));
    if (!stream.atOperator(',')) break;
    isTuple = true;
  }
  const [only] = items;
  if (!isTuple && only !== undefined) return only;
  if (items.length === 0)
    throw stream.fail(`expected a name to assign to, not ${describeToken(stream.current())}`);
  return { type: 'targets', items };
};

const parseSingleTarget = (stream: TokenStream, members: boolean): Target => {
  if (stream.skipOperator('(')) {
    const inner = parseTarget(stream, {});
    stream.expect('operator', ')');
    return inner;
  }
  const { value: name } = stream.expect('name');
  if (isConstantName(name)) throw stream.fail(`can't assign to '${name}'`);
  if (!members || !stream.skipOperator('.')) return { type: 'name', name };
  return { type: 'member', name, attribute: stream.expect('name').value };
};
