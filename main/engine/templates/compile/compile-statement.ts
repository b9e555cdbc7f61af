import { innerBlock, within, type Block, type Execute, type Signal } from './block.ts';
import { compileExpression, compileFilter, type Evaluate, type Place } from './compile-expression.ts';
import { compileFor } from './compile-for.ts';
import { compileCallBlock, compileGeneration, compileMacro } from './compile-macro.ts';
import { checkNamespaces, compileTarget } from './compile-target.ts';
import { readBeforeAssigned } from '../syntax/names.ts';
import type { Statement } from '../syntax/nodes.ts';
import { isTrue } from '../python/iterate.ts';
import { str } from '../python/repr.ts';
import type { Value } from '../python/values.ts';
import { capture, enterBlock, leaveBlock, write, type Scope } from './scope.ts';
import { learnBody, learnExpression, learnTarget, newSymbols, slotOf } from '../syntax/symbols.ts';
import { syntaxError, unsupported } from '../template-error.ts';

/** The whole template. */
export const compileTemplate = (body: readonly Statement[]): Execute => {
  if (readBeforeAssigned(body, ['self']).size > 0) throw unsupported('the variable self');
  const symbols = newSymbols(null);
  learnBody(symbols, body);
  const run = compileBody(body, { symbols, soft: false, inLoop: false, compileBody });
  return (scope) => {
    enterBlock(scope, symbols);
    return run(scope);
  };
};

const compileBody = (body: readonly Statement[], block: Block): Execute => {
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
};

const compileStatement = (node: Statement, block: Block): Execute => {
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
};

const compileSetBlock = (node: Extract<Statement, { type: 'set-block' }>, block: Block): Execute => {
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
};

/** Filters over the text of a block. */
const filterChain = (
  node: Extract<Statement, { type: 'filter-block' }>['filter'],
  text: () => string,
  place: Place,
): Evaluate => {
  const input =
    node.input === null
      ? (): Value => text()
      : filterChain(node.input as Extract<Statement, { type: 'filter-block' }>['filter'], text, place);
  return compileFilter(node, input, place);
};

const compileFilterBlock = (node: Extract<Statement, { type: 'filter-block' }>, block: Block): Execute => {
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
};

const compileIf = ({ branches, otherwise }: Extract<Statement, { type: 'if' }>, block: Block): Execute => {
  const soft = { ...block, soft: true };
  const compiled = branches.map(
    ([test, body]) => [compileExpression(test, soft), compileBody(body, soft)] as const,
  );
  const last = compileBody(otherwise, soft);
  return (scope) => {
    for (const [test, run] of compiled) if (isTrue(test(scope))) return run(scope);
    return last(scope);
  };
};

const compileWith = ({ bindings, body }: Extract<Statement, { type: 'with' }>, block: Block): Execute => {
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
};
