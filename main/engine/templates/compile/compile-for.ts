import { deeper, innerBlock, within, type Block, type Execute, type Signal } from './block.ts';
import { compileExpression } from './compile-expression.ts';
import { compileRepack, compileTarget } from './compile-target.ts';
import { startLoop } from './loop.ts';
import { namesInBody, namesInTarget, readBeforeAssigned } from '../syntax/names.ts';
import type { ForNode } from '../syntax/nodes.ts';
import { each, iterate, isTrue } from '../python/iterate.ts';
import { iteratorValue, type Value } from '../python/values.ts';
import { enterBlock, goRound, innerScope, leaveBlock, write, type Scope } from './scope.ts';
import { declareArgument, learnBody, learnExpression, learnTarget } from '../syntax/symbols.ts';
import { syntaxError } from '../template-error.ts';

export const compileFor = (node: ForNode, block: Block): Execute => {
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
  const run = block.compileBody(node.body, inner);
  const runElse =
    node.otherwise.length === 0 ? null : within(elseBlock, block.compileBody(node.otherwise, elseBlock));
  const iterable = compileExpression(node.iterable, block);

  const go = (scope: Scope, value: Value, recurse: Recurse | null, depth: number): Signal => {
    const source = select === null ? value : iteratorValue(select(scope, value));
    const loop = startLoop(source, iterate(source), recurse, depth);
    let empty = true;
    for (let item = loop.next(); item !== undefined; item = loop.next()) {
      goRound(scope);
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
};

type Recurse = (iterable: Value, depth: number) => string;

const refuseLoopAsTarget = (node: ForNode): void => {
  const names = [...namesInTarget(node.target), ...namesInBody(node.body), ...namesInBody(node.otherwise)];
  if (names.some(({ name, load }) => name === 'loop' && !load))
    throw syntaxError("Can't assign to special loop variable in for-loop target", node.line);
};

/** What stays of the items, found one by one while the loop runs, in a scope of its own. */
const compileLoopTest = (
  { test, target }: ForNode,
  block: Block,
  inner: Block,
): ((scope: Scope, value: Value) => Generator<Value>) | null => {
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
      goRound(own);
      assign(own, item);
      if (isTrue(holds(own))) yield repack(own);
    }
  };
};
