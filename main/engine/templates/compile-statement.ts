import { each, iterate, isTrue } from './python/iterate.ts';
import { str, unpack } from './python/repr.ts';
import { isKind, iteratorValue, tuple, undefinedValue, type Value } from './python/values.ts';
import {
  callValue,
  compileArguments,
  compileExpression,
  compileFilter,
  type Evaluate,
  type Place,
} from './compile-expression.ts';
import { startLoop } from './loop.ts';
import { macroValue, type MacroShape } from './macro.ts';
import { namesInBody, namesInTarget, readBeforeAssigned } from './names.ts';
import type {
  CallBlockNode,
  ForNode,
  GenerationNode,
  MacroNode,
  Parameter,
  Statement,
  Target,
} from './nodes.ts';
import { capture, enterBlock, innerScope, leaveBlock, readSlot, write, type Scope } from './scope.ts';
import {
  declareArgument,
  learnBody,
  learnExpression,
  learnParameters,
  learnTarget,
  newSymbols,
  slotOf,
  type Symbols,
} from './symbols.ts';
import { failed, syntaxError, unsupported } from './template-error.ts';

/** What a statement asks of the loop around it. */
export type Signal = 'break' | 'continue' | undefined;
export type Execute = (scope: Scope) => Signal;

interface Block extends Place {
  /** Whether a loop of the same macro is around. */
  readonly inLoop: boolean;
}

/** The whole template. */
export function compileTemplate(body: readonly Statement[]): Execute {
  if (readBeforeAssigned(body, ['self']).size > 0) throw unsupported('the variable self');
  const symbols = newSymbols(null);
  learnBody(symbols, body);
  const run = compileBody(body, { symbols, soft: false, inLoop: false });
  return (scope) => {
    enterBlock(scope, symbols);
    return run(scope);
  };
}

function compileBody(body: readonly Statement[], block: Block): Execute {
  const statements = body.map((statement) => {
    const run = compileStatement(statement, block);
    const { line } = statement;
    return (scope: Scope): Signal => {
      scope.rendering.line = line;
      return run(scope);
    };
  });
  return (scope) => {
    for (const run of statements) {
      const signal = run(scope);
      if (signal !== undefined) return signal;
    }
    return undefined;
  };
}

function compileStatement(node: Statement, block: Block): Execute {
  switch (node.type) {
    case 'data': {
      const { text } = node;
      return (scope) => void write(scope, text);
    }
    case 'print': {
      const value = compileExpression(node.value, block);
      return (scope) => void write(scope, str(value(scope)));
    }
    case 'set': {
      const value = compileExpression(node.value, block);
      const assign = compileTarget(node.target, block.symbols);
      const check = checkNamespaces(node.target, block.symbols);
      return (scope) => {
        check(scope);
        assign(scope, value(scope));
        return undefined;
      };
    }
    case 'set-block':
      return compileSetBlock(node, block);
    case 'if':
      return compileIf(node, block);
    case 'for':
      return compileFor(node, block);
    case 'macro': {
      const make = compileMacro(node, node.name, block);
      const slot = slotOf(block.symbols, node.name);
      return (scope) => void scope.slots.set(slot, make(scope));
    }
    case 'call-block':
      return compileCallBlock(node, block);
    case 'generation':
      return compileGeneration(node, block);
    case 'filter-block':
      return compileFilterBlock(node, block);
    case 'with':
      return compileWith(node, block);
    case 'break':
    case 'continue': {
      const { type } = node;
      if (!block.inLoop) throw syntaxError(`'${type}' outside loop`, node.line);
      return () => type;
    }
  }
}

const innerBlock = (block: Block, learn: (symbols: Symbols) => void): Block => {
  const symbols = newSymbols(block.symbols);
  learn(symbols);
  return { symbols, soft: false, inLoop: block.inLoop };
};

/** Runs a block with names of its own. */
const within =
  ({ symbols }: Block, run: Execute): Execute =>
  (scope) => {
    enterBlock(scope, symbols);
    const signal = run(scope);
    leaveBlock(scope, symbols);
    return signal;
  };

type Assign = (scope: Scope, value: Value) => void;

function compileTarget(target: Target, symbols: Symbols): Assign {
  switch (target.type) {
    case 'name': {
      const slot = slotOf(symbols, target.name);
      return (scope, value) => void scope.slots.set(slot, value);
    }
    case 'member': {
      const slot = slotOf(symbols, target.name);
      const { attribute } = target;
      return (scope, value) => {
        const namespace = readSlot(scope, slot)!;
        if (!isKind(namespace, 'object') || namespace.assign === undefined)
          throw unsupported('assigning to a member of what is no namespace');
        namespace.assign(attribute, value);
      };
    }
    case 'targets': {
      const parts = target.items.map((item) => compileTarget(item, symbols));
      return (scope, value) => {
        const values = unpack(value, parts.length);
        for (const [index, part] of parts.entries()) part(scope, values[index]!);
      };
    }
  }
}

function checkNamespaces(target: Target, symbols: Symbols): (scope: Scope) => void {
  const names = membersOf(target).map((name) => slotOf(symbols, name));
  return (scope) => {
    for (const slot of names) {
      const value = readSlot(scope, slot);
      if (value === undefined || !isKind(value, 'object') || value.assign === undefined)
        throw failed('cannot assign attribute on non-namespace object');
    }
  };
}

const membersOf = (target: Target): string[] =>
  target.type === 'member' ? [target.name] : target.type === 'targets' ? target.items.flatMap(membersOf) : [];

function compileSetBlock(node: Extract<Statement, { type: 'set-block' }>, block: Block): Execute {
  const inner = innerBlock(block, (symbols) => learnBody(symbols, node.body));
  const run = compileBody(node.body, inner);
  let text = '';
  const filter = node.filter === null ? null : filterChain(node.filter, () => text, inner);
  const assign = compileTarget(node.target, block.symbols);
  return (scope) => {
    enterBlock(scope, inner.symbols);
    const captured = capture(scope, () => run(scope));
    if (captured.result !== undefined) return captured.result;
    text = captured.text;
    assign(scope, filter === null ? text : filter(scope));
    leaveBlock(scope, inner.symbols);
    return undefined;
  };
}

/** Filters over the text of a block. */
function filterChain(
  node: Extract<Statement, { type: 'filter-block' }>['filter'],
  text: () => string,
  place: Place,
): Evaluate {
  const input =
    node.input === null
      ? (): Value => text()
      : filterChain(node.input as Extract<Statement, { type: 'filter-block' }>['filter'], text, place);
  return compileFilter(node, input, place);
}

function compileFilterBlock(node: Extract<Statement, { type: 'filter-block' }>, block: Block): Execute {
  const inner = innerBlock(block, (symbols) => {
    learnBody(symbols, node.body);
    learnExpression(symbols, node.filter);
  });
  const run = compileBody(node.body, inner);
  let text = '';
  const filter = filterChain(node.filter, () => text, inner);
  return (scope) => {
    enterBlock(scope, inner.symbols);
    const captured = capture(scope, () => run(scope));
    if (captured.result !== undefined) return captured.result;
    text = captured.text;
    write(scope, str(filter(scope)));
    leaveBlock(scope, inner.symbols);
    return undefined;
  };
}

function compileIf({ branches, otherwise }: Extract<Statement, { type: 'if' }>, block: Block): Execute {
  const soft = { ...block, soft: true };
  const compiled = branches.map(
    ([test, body]) => [compileExpression(test, soft), compileBody(body, soft)] as const,
  );
  const last = compileBody(otherwise, soft);
  return (scope) => {
    for (const [test, run] of compiled) if (isTrue(test(scope))) return run(scope);
    return last(scope);
  };
}

function compileWith({ bindings, body }: Extract<Statement, { type: 'with' }>, block: Block): Execute {
  const inner = innerBlock(block, (symbols) => {
    for (const [target] of bindings) learnTarget(symbols, target, true);
    learnBody(symbols, body);
  });
  const compiled = bindings.map(
    ([target, value]) => [compileTarget(target, inner.symbols), compileExpression(value, block)] as const,
  );
  const run = compileBody(body, inner);
  return within(inner, (scope) => {
    for (const [assign, value] of compiled) assign(scope, value(scope));
    return run(scope);
  });
}

function compileFor(node: ForNode, block: Block): Execute {
  refuseLoopAsTarget(node);
  const usesLoop = node.recursive || readBeforeAssigned(node.body, ['loop']).has('loop');
  let loopSlot: string | null = null;
  const inner: Block = {
    ...innerBlock(block, (symbols) => {
      if (usesLoop) loopSlot = declareArgument(symbols, 'loop');
      learnTarget(symbols, node.target, true);
      learnBody(symbols, node.body);
    }),
    inLoop: true,
  };
  const elseBlock: Block = {
    ...innerBlock(block, (symbols) => learnBody(symbols, node.otherwise)),
    // The else part of a recursive loop is a function of its own, outside of loops.
    inLoop: block.inLoop && !node.recursive,
  };
  const select = compileLoopTest(node, block, inner);
  const assign = compileTarget(node.target, inner.symbols);
  const run = compileBody(node.body, inner);
  const runElse =
    node.otherwise.length === 0 ? null : within(elseBlock, compileBody(node.otherwise, elseBlock));
  const iterable = compileExpression(node.iterable, block);

  const go = (scope: Scope, value: Value, recurse: Recurse | null, depth: number): Signal => {
    const source = select === null ? value : iteratorValue(select(scope, value));
    const loop = startLoop(source, iterate(source), recurse, depth);
    let empty = true;
    for (let item = loop.next(); item !== undefined; item = loop.next()) {
      assign(scope, item);
      if (loopSlot !== null) scope.slots.set(loopSlot, loop.variable);
      enterBlock(scope, inner.symbols);
      const signal = run(scope);
      if (signal === 'break') break;
      if (signal !== 'continue') empty = false;
    }
    leaveBlock(scope, inner.symbols);
    return empty && runElse !== null ? runElse(scope) : undefined;
  };

  if (!node.recursive) return (scope) => go(scope, iterable(scope), null, 0);
  return (scope) => {
    const recurse: Recurse = (value, depth) => {
      const own = innerScope(scope);
      deeper(scope, () => go(own, value, recurse, depth));
      return own.output.parts.join('');
    };
    write(scope, recurse(iterable(scope), 0));
    return undefined;
  };
}

type Recurse = (iterable: Value, depth: number) => string;

function refuseLoopAsTarget(node: ForNode): void {
  const names = [...namesInTarget(node.target), ...namesInBody(node.body), ...namesInBody(node.otherwise)];
  if (names.some(({ name, load }) => name === 'loop' && !load))
    throw syntaxError("Can't assign to special loop variable in for-loop target", node.line);
}

/** What stays of the items, found one by one while the loop runs, in a scope of its own. */
function compileLoopTest(
  { test, target }: ForNode,
  block: Block,
  inner: Block,
): ((scope: Scope, value: Value) => Generator<Value>) | null {
  if (test === null) return null;
  const place = innerBlock(block, (symbols) => {
    learnTarget(symbols, target, true);
    learnExpression(symbols, test);
  });
  const holds = compileExpression(test, place);
  const assign = compileTarget(target, inner.symbols);
  const repack = compileRepack(target, inner.symbols);
  return function* (scope, value) {
    const own = innerScope(scope);
    enterBlock(own, place.symbols);
    for (const item of each(value)) {
      assign(own, item);
      if (isTrue(holds(own))) yield repack(own);
    }
  };
}

/** Several names come back as a tuple, whatever they were unpacked from. */
function compileRepack(target: Target, symbols: Symbols): (scope: Scope) => Value {
  if (target.type === 'targets') {
    const parts = target.items.map((item) => compileRepack(item, symbols));
    return (scope) => tuple(...parts.map((part) => part(scope)));
  }
  const slot = slotOf(symbols, target.name);
  return (scope) => readSlot(scope, slot)!;
}

/** Calls within calls; JavaScript's stack ends a little later. */
const deepest = 400;

function deeper<Result>({ rendering }: Scope, work: () => Result): Result {
  if (rendering.depth >= deepest) throw failed('maximum recursion depth exceeded');
  rendering.depth += 1;
  try {
    return work();
  } finally {
    rendering.depth -= 1;
  }
}

/** A macro is made where it stands, and then sees the names around it as they are when it is called. */
function compileMacro(
  node: Pick<MacroNode | CallBlockNode, 'parameters' | 'body' | 'line'>,
  name: string | null,
  block: Block,
): (scope: Scope) => Value {
  const special = readBeforeAssigned(node.body, ['caller', 'kwargs', 'varargs']);
  const named = (parameter: string): Parameter | undefined =>
    node.parameters.find((each) => each.name === parameter);
  if (special.has('caller') && named('caller')?.standard === null)
    throw syntaxError(
      'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      node.line,
    );
  const shape: MacroShape = {
    name,
    parameters: node.parameters.map((parameter) => parameter.name),
    takes: {
      caller: special.has('caller'),
      kwargs: special.has('kwargs') && named('kwargs') === undefined,
      varargs: special.has('varargs') && named('varargs') === undefined,
    },
  };
  const extra: Partial<Record<'caller' | 'kwargs' | 'varargs', string>> = {};
  const inner: Block = {
    ...innerBlock(block, (symbols) => {
      learnParameters(symbols, node.parameters);
      learnBody(symbols, node.body);
      for (const key of ['caller', 'kwargs', 'varargs'] as const)
        if (shape.takes[key] && named(key) === undefined) extra[key] = declareArgument(symbols, key);
    }),
    inLoop: false,
  };
  const parameters = node.parameters.map((parameter) => ({
    slot: slotOf(inner.symbols, parameter.name),
    standard: parameter.standard === null ? null : compileExpression(parameter.standard, inner),
    absent: undefinedValue(`parameter '${parameter.name}' was not provided`),
  }));
  const run = compileBody(node.body, inner);

  return (scope) =>
    macroValue(shape, (values) => {
      const own = innerScope(scope);
      const { line } = scope.rendering;
      for (const [index, { slot }] of parameters.entries()) own.slots.set(slot, values.parameters[index]);
      for (const key of ['caller', 'kwargs', 'varargs'] as const)
        if (extra[key] !== undefined) own.slots.set(extra[key], values[key]);
      deeper(scope, () => {
        enterBlock(own, inner.symbols);
        for (const { slot, standard, absent } of parameters)
          if (own.slots.get(slot) === undefined)
            own.slots.set(slot, standard === null ? absent : standard(own));
        return run(own);
      });
      scope.rendering.line = line;
      return own.output.parts.join('');
    });
}

function compileCallBlock(node: CallBlockNode, block: Block): Execute {
  const makeCaller = compileMacro(node, null, block);
  const callee = compileExpression(node.call.callee, block);
  const args = compileArguments(node.call.args, block);
  return (scope) => {
    const caller = makeCaller(scope);
    const value = callee(scope);
    const { positional, named } = args(scope);
    if (named.has('caller')) throw failed("got multiple values for keyword argument 'caller'");
    write(scope, str(callValue(value, { positional, named: new Map([...named, ['caller', caller]]) })));
    return undefined;
  };
}

/** transformers' tag: what the assistant is to produce. Its body is a macro, so that names set in it stay in it. */
function compileGeneration(node: GenerationNode, block: Block): Execute {
  const make = compileMacro({ parameters: [], body: node.body, line: node.line }, null, block);
  return (scope) => {
    const { output, rendering } = scope;
    const text = callValue(make(scope), { positional: [], named: new Map() }) as string;
    if (output.isRoot) rendering.generations?.push([output.length, output.length + text.length]);
    else rendering.generations = null;
    write(scope, text);
    return undefined;
  };
}
