import type { CallArguments, Expression, Parameter, Statement, Target } from './nodes.ts';

/** A name where it is read (load) or assigned to. */
export interface NameUse {
  readonly name: string;
  readonly load: boolean;
}

/** The parts of an expression, in the order in which Jinja2 goes through them. */
export const partsOf = (node: Expression): readonly Expression[] => {
  switch (node.type) {
    case 'constant':
    case 'name':
      return [];
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.pairs.flat();
    case 'conditional':
      return [node.test, node.then, ...(node.otherwise === null ? [] : [node.otherwise])];
    case 'binary':
    case 'and':
    case 'or':
      return [node.left, node.right];
    case 'not':
    case 'sign':
      return [node.operand];
    case 'concat':
      return node.parts;
    case 'compare':
      return [node.first, ...node.rest.map(([, operand]) => operand)];
    case 'attribute':
      return [node.object];
    case 'item':
      return [node.object, node.key];
    case 'slice':
      return [node.object, node.start, node.stop, node.step].filter((part) => part !== null);
    case 'call':
      return [node.callee, ...argumentsOf(node.args)];
    case 'filter':
      return [...(node.input === null ? [] : [node.input]), ...argumentsOf(node.args)];
    case 'test':
      return [node.input, ...argumentsOf(node.args)];
  }
};

const argumentsOf = ({ positional, named, spread, spreadNamed }: CallArguments): Expression[] => [
  ...positional,
  ...named.map(([, value]) => value),
  ...[spread, spreadNamed].filter((part) => part !== null),
];

export function* namesInExpression(node: Expression): Generator<NameUse, void> {
  if (node.type === 'name') yield { name: node.name, load: true };
  for (const part of partsOf(node)) yield* namesInExpression(part);
}

/** A namespace's member is no name that is assigned to. */
export function* namesInTarget(target: Target): Generator<NameUse, void> {
  if (target.type === 'name') yield { name: target.name, load: false };
  if (target.type === 'targets') for (const item of target.items) yield* namesInTarget(item);
}

function* namesInParameters(parameters: readonly Parameter[]): Generator<NameUse, void> {
  for (const { name } of parameters) yield { name, load: false };
  for (const { standard } of parameters) if (standard !== null) yield* namesInExpression(standard);
}

/** All names in a body and in the blocks inside it, in the order in which Jinja2 goes through them. */
export function* namesInBody(body: readonly Statement[]): Generator<NameUse, void> {
  for (const statement of body) yield* namesInStatement(statement);
}

function* namesInStatement(node: Statement): Generator<NameUse, void> {
  switch (node.type) {
    case 'data':
    case 'break':
    case 'continue':
      return;
    case 'print':
      return yield* namesInExpression(node.value);
    case 'set':
      yield* namesInTarget(node.target);
      return yield* namesInExpression(node.value);
    case 'set-block':
      yield* namesInTarget(node.target);
      if (node.filter !== null) yield* namesInExpression(node.filter);
      return yield* namesInBody(node.body);
    case 'if':
      for (const [test, body] of node.branches) {
        yield* namesInExpression(test);
        yield* namesInBody(body);
      }
      return yield* namesInBody(node.otherwise);
    case 'for':
      yield* namesInTarget(node.target);
      yield* namesInExpression(node.iterable);
      yield* namesInBody(node.body);
      yield* namesInBody(node.otherwise);
      if (node.test !== null) yield* namesInExpression(node.test);
      return;
    case 'macro':
      yield* namesInParameters(node.parameters);
      return yield* namesInBody(node.body);
    case 'call-block':
      yield* namesInExpression(node.call);
      yield* namesInParameters(node.parameters);
      return yield* namesInBody(node.body);
    case 'generation':
      return yield* namesInBody(node.body);
    case 'filter-block':
      yield* namesInBody(node.body);
      return yield* namesInExpression(node.filter);
    case 'with':
      for (const [target] of node.bindings) yield* namesInTarget(target);
      for (const [, value] of node.bindings) yield* namesInExpression(value);
      return yield* namesInBody(node.body);
  }
}

/** Those of `names` that are read before they are assigned to, going through the body from its start. */
export const readBeforeAssigned = (body: readonly Statement[], names: readonly string[]): Set<string> => {
  const open = new Set(names);
  const read = new Set<string>();
  for (const { name, load } of namesInBody(body)) {
    if (!open.has(name)) continue;
    if (load) read.add(name);
    else open.delete(name);
  }
  return read;
};
