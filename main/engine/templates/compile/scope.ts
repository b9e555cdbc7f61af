import type { Symbols } from '../syntax/symbols.ts';
import { failed } from '../template-error.ts';
import type { Value } from '../python/values.ts';
import { checkLength } from '../work.ts';

/** Text that is being written; only that of the template itself is the root's. */
export interface Output {
  readonly parts: string[];
  /** In UTF-16 code units. */
  length: number;
  readonly isRoot: boolean;
}

/** What one rendering shares. */
export interface Rendering {
  readonly variables: ReadonlyMap<string, Value>;
  /** Where {% generation %} blocks begin and end in the text; null once one wrote into something else. */
  generations: [start: number, end: number][] | null;
  /** Of the statement at work. */
  line: number;
  depth: number;
  /** Of all loops so far. */
  rounds: number;
}

/** The slots of the template, of a macro or of a recursive loop. A slot without a value is missing. */
export interface Scope {
  readonly slots: Map<string, Value | undefined>;
  readonly outer: Scope | null;
  readonly rendering: Rendering;
  output: Output;
}

/** For one conversation. Loops within loops would otherwise hold up everybody who waits for this process. */
const mostRounds = 2_000_000;

/** Counts a round of a loop. */
export const goRound = ({ rendering }: Scope): void => {
  rendering.rounds += 1;
  if (rendering.rounds > mostRounds)
    throw failed(`its loops go round more than ${mostRounds.toLocaleString('en')} times`);
};

export const newOutput = (isRoot = false): Output => ({ parts: [], length: 0, isRoot });

export const innerScope = (outer: Scope): Scope => ({
  slots: new Map(),
  outer,
  rendering: outer.rendering,
  output: newOutput(),
});

export const write = ({ output }: Scope, text: string): void => {
  output.parts.push(text);
  output.length += text.length;
  checkLength(output.length);
};

/** What `work` writes. */
export const capture = <Result>(scope: Scope, work: () => Result): { text: string; result: Result } => {
  const { output } = scope;
  const own = newOutput();
  scope.output = own;
  try {
    const result = work();
    return { text: own.parts.join(''), result };
  } finally {
    scope.output = output;
  }
};

export const readSlot = (scope: Scope, slot: string): Value | undefined => {
  for (let at: Scope | null = scope; at !== null; at = at.outer)
    if (at.slots.has(slot)) return at.slots.get(slot);
  throw failed(`${slot.split(' ')[1]} is read before it has a value`);
};

export const enterBlock = (scope: Scope, { loads }: Symbols): void => {
  for (const [slot, load] of loads) {
    if (load.from === 'argument') continue;
    const value =
      load.from === 'nowhere'
        ? undefined
        : load.from === 'outer'
          ? readSlot(scope, load.slot)
          : scope.rendering.variables.get(load.name);
    scope.slots.set(slot, value);
  }
};

export const leaveBlock = (scope: Scope, { loads }: Symbols): void => {
  for (const slot of loads.keys()) scope.slots.set(slot, undefined);
};
