import { setImmediate as nextTurn } from 'node:timers/promises';

/** Short enough that nobody notices who types, long enough that turning costs nothing. */
const longestMilliseconds = 10;

/**
 * For a loop that has much to do: what is awaited in each of its rounds, so that the event loop turns wherever the round before took long enough.
 */
export const createTurns = (): (() => Promise<void>) => {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < longestMilliseconds) return;
    await nextTurn();
    since = performance.now();
  };
};
