import type { Place } from './compile-expression.ts';
import type { Statement } from '../syntax/nodes.ts';
import { enterBlock, leaveBlock, type Scope } from './scope.ts';
import { newSymbols, type Symbols } from '../syntax/symbols.ts';
import { failed } from '../template-error.ts';
import { spendCall } from '../work.ts';

/** What a statement asks of the loop around it. */
export type Signal = 'break' | 'continue' | undefined;
export type Execute = (scope: Scope) => Signal;

/** What surrounds a statement while it is compiled. */
export interface Block extends Place {
  /** Whether a loop of the same macro is around. */
  readonly inLoop: boolean;
  /** Compiles statements within this one: handed on, so that the files of statements do not go in a circle. */
  readonly compileBody: (body: readonly Statement[], block: Block) => Execute;
}

export const innerBlock = (block: Block, learn: (symbols: Symbols) => void): Block => {
  const symbols = newSymbols(block.symbols);
  learn(symbols);
  return { ...block, symbols, soft: false };
};

/** Runs a block with names of its own. */
export const within =
  ({ symbols }: Block, run: Execute): Execute =>
  (scope) => {
    enterBlock(scope, symbols);
    const signal = run(scope);
    leaveBlock(scope, symbols);
    return signal;
  };

/** Calls within calls; JavaScript's stack ends a little later. */
const deepest = 400;

export const deeper = <Result>({ rendering }: Scope, work: () => Result): Result => {
  spendCall();
  if (rendering.depth >= deepest) throw failed('maximum recursion depth exceeded');
  rendering.depth += 1;
  try {
    return work();
  } finally {
    rendering.depth -= 1;
  }
};
