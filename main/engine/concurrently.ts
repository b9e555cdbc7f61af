/**
 * Runs `work` on every item, at most `most` at once, taken in order. If one fails no further one is started; those under way
 * are waited for, so that nothing runs on after the rejection.
 * @throws what the first failed one threw
 */
export const concurrently = async <Item>(
  items: readonly Item[],
  most: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  let hasFailed = false;
  let failure: unknown;
  const takeTurns = async (): Promise<void> => {
    while (!hasFailed && next < items.length) {
      const index = next++;
      try {
        await work(items[index]!, index);
      } catch (error) {
        if (!hasFailed) [hasFailed, failure] = [true, error];
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(most, items.length)) }, takeTurns));
  if (hasFailed) throw failure;
};
