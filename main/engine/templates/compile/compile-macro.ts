import { deeper, innerBlock, type Block, type Execute } from './block.ts';
import { callValue, compileArguments, compileExpression } from './compile-expression.ts';
import { macroValue, type MacroShape } from './macro.ts';
import { readBeforeAssigned } from '../syntax/names.ts';
import type { CallBlockNode, GenerationNode, MacroNode, Parameter } from '../syntax/nodes.ts';
import { str } from '../python/repr.ts';
import { undefinedValue, type Value } from '../python/values.ts';
import { enterBlock, innerScope, write, type Scope } from './scope.ts';
import { declareArgument, learnBody, learnParameters, slotOf } from '../syntax/symbols.ts';
import { failed, syntaxError } from '../template-error.ts';

/** A macro is made where it stands, and then sees the names around it as they are when it is called. */
export const compileMacro = (
  node: Pick<MacroNode | CallBlockNode, 'parameters' | 'body' | 'line'>,
  name: string | null,
  block: Block,
): ((scope: Scope) => Value) => {
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
  const run = block.compileBody(node.body, inner);

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
};

export const compileCallBlock = (node: CallBlockNode, block: Block): Execute => {
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
};

/** transformers' tag: what the assistant is to produce. Its body is a macro, so that names set in it stay in it. */
export const compileGeneration = (node: GenerationNode, block: Block): Execute => {
  const make = compileMacro({ parameters: [], body: node.body, line: node.line }, null, block);
  return (scope) => {
    const { output, rendering } = scope;
    const text = callValue(make(scope), { positional: [], named: new Map() }) as string;
    if (output.isRoot) rendering.generations?.push([output.length, output.length + text.length]);
    else rendering.generations = null;
    write(scope, text);
    return undefined;
  };
};
