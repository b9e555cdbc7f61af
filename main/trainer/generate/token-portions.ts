import type { TokenNews } from '../../engine/generation/generator.ts';
import type { GeneratedToken } from '../protocol/protocol.ts';

/** Tokens are told together, at most so often: a window draws no faster, and a message costs more than a token. */
const portionMilliseconds = 50;

export interface TokenPortions {
  readonly add: (news: TokenNews) => void;
  /** Tells what is left. */
  readonly flush: () => void;
}

/** @param tell what is done with a portion */
export const tokenPortions = (tell: (tokens: GeneratedToken[]) => void): TokenPortions => {
  let waiting: GeneratedToken[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const portion = waiting;
    waiting = [];
    tell(portion);
  };
  return {
    add: ({ row, id, text, probability, alternatives }) => {
      waiting.push({ row, id, text, probability, alternatives: alternatives.map((one) => ({ ...one })) });
      timer ??= setTimeout(flush, portionMilliseconds);
    },
    flush,
  };
};
