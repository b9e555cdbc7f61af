import { namesInExpression, namesInTarget } from './names.ts';
import type { Expression, Parameter, Statement, Target } from './nodes.ts';
import { failed } from '../template-error.ts';

/**
 * Where a name's value comes from when a block is entered: the variables the template was given, a name of a block around
 * it, nowhere yet, or an argument.
 */
export type Load =
  | { readonly from: 'variables'; readonly name: string }
  | { readonly from: 'outer'; readonly slot: string }
  | { readonly from: 'nowhere' }
  | { readonly from: 'argument' };

/**
 * The names of one block and the slot that holds each. Jinja2 settles when it compiles a template which slot a name means, so
 * that a name assigned to anywhere in a block is the block's own from its start: its rules, not those of most languages.
 */
export interface Symbols {
  readonly level: number;
  readonly parent: Symbols | null;
  readonly slots: Map<string, string>;
  /** What each slot of the block holds when the block is entered. */
  readonly loads: Map<string, Load>;
  readonly stored: Set<string>;
}

export const newSymbols = (parent: Symbols | null): Symbols => ({
  level: parent === null ? 0 : parent.level + 1,
  parent,
  slots: new Map(),
  loads: new Map(),
  stored: new Set(),
});

const findSlot = (symbols: Symbols | null, name: string): string | undefined => {
  for (let at = symbols; at !== null; at = at.parent) {
    const slot = at.slots.get(name);
    if (slot !== undefined) return slot;
  }
  return undefined;
};

export const slotOf = (symbols: Symbols, name: string): string => {
  const slot = findSlot(symbols, name);
  if (slot === undefined) throw failed(`the name ${name} can't be used here`);
  return slot;
};

const define = ({ level, slots, loads }: Symbols, name: string, load: Load): string => {
  const slot = `${level} ${name}`;
  slots.set(name, slot);
  loads.set(slot, load);
  return slot;
};

export const declareArgument = (symbols: Symbols, name: string): string => {
  symbols.stored.add(name);
  return define(symbols, name, { from: 'argument' });
};

const store = (symbols: Symbols, name: string): void => {
  symbols.stored.add(name);
  if (symbols.slots.has(name)) return;
  const outer = findSlot(symbols.parent, name);
  define(symbols, name, outer === undefined ? { from: 'nowhere' } : { from: 'outer', slot: outer });
};

const load = (symbols: Symbols, name: string): void => {
  if (findSlot(symbols, name) === undefined) define(symbols, name, { from: 'variables', name });
};

const copyOf = ({ slots, loads, stored, ...rest }: Symbols): Symbols => ({
  ...rest,
  slots: new Map(slots),
  loads: new Map(loads),
  stored: new Set(stored),
});

/** What is assigned to in a branch that may not be taken keeps the value from outside. */
const mergeBranches = (symbols: Symbols, branches: readonly Symbols[]): void => {
  const added = new Set(
    branches.flatMap(({ stored }) => [...stored]).filter((name) => !symbols.stored.has(name)),
  );
  for (const { slots, loads, stored } of branches) {
    for (const [name, slot] of slots) symbols.slots.set(name, slot);
    for (const [slot, from] of loads) symbols.loads.set(slot, from);
    for (const name of stored) symbols.stored.add(name);
  }
  for (const name of added) {
    const outer = findSlot(symbols.parent, name);
    symbols.loads.set(
      slotOf(symbols, name),
      outer === undefined ? { from: 'variables', name } : { from: 'outer', slot: outer },
    );
  }
};

export const learnExpression = (symbols: Symbols, node: Expression): void => {
  for (const { name } of namesInExpression(node)) load(symbols, name);
};

export const learnTarget = (symbols: Symbols, target: Target, asArgument = false): void => {
  if (target.type === 'member') load(symbols, target.name);
  else if (target.type === 'targets') for (const item of target.items) learnTarget(symbols, item, asArgument);
  else for (const { name } of namesInTarget(target)) (asArgument ? declareArgument : store)(symbols, name);
};

export const learnParameters = (symbols: Symbols, parameters: readonly Parameter[]): void => {
  for (const { name } of parameters) declareArgument(symbols, name);
  for (const { standard } of parameters) if (standard !== null) learnExpression(symbols, standard);
};

/** Goes through the statements of one block. Blocks inside them have symbols of their own, and only what they take from here counts. */
export const learnBody = (symbols: Symbols, body: readonly Statement[]): void => {
  for (const statement of body) learnStatement(symbols, statement);
};

const learnStatement = (symbols: Symbols, node: Statement): void => {
  switch (node.type) {
    case 'print':
      return learnExpression(symbols, node.value);
    case 'set':
      learnExpression(symbols, node.value);
      return learnTarget(symbols, node.target);
    case 'set-block':
      return learnTarget(symbols, node.target);
    case 'if': {
      const [[test, body] = [], ...elifs] = node.branches;
      learnExpression(symbols, test!);
      const branch = (learn: (symbols: Symbols) => void): Symbols => {
        const own = copyOf(symbols);
        learn(own);
        return own;
      };
      const { line } = node;
      return mergeBranches(symbols, [
        branch((own) => learnBody(own, body!)),
        branch((own) => {
          for (const elif of elifs)
            learnStatement(own, { type: 'if', branches: [elif], otherwise: [], line });
        }),
        branch((own) => learnBody(own, node.otherwise)),
      ]);
    }
    case 'for':
      return learnExpression(symbols, node.iterable);
    case 'macro':
      return store(symbols, node.name);
    case 'call-block':
      return learnExpression(symbols, node.call);
    case 'filter-block':
      return learnExpression(symbols, node.filter);
    case 'with':
      for (const [, value] of node.bindings) learnExpression(symbols, value);
      return;
    case 'data':
    case 'generation':
    case 'break':
    case 'continue':
  }
};
