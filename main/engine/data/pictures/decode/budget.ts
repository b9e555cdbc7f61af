/** Runs work when there is room for what it takes, in the order in which it was asked for. */
export type Budget = <Result>(amount: number, work: () => Promise<Result>) => Promise<Result>;

/** @param total what may be taken at once; work that takes more waits until it is alone */
export const createBudget = (total: number): Budget => {
  let left = total;
  const waiting: { readonly amount: number; readonly start: () => void }[] = [];
  const admit = (): void => {
    for (let [first] = waiting; first !== undefined && first.amount <= left; [first] = waiting) {
      waiting.shift();
      left -= first.amount;
      first.start();
    }
  };
  return async (wanted, work) => {
    const amount = Math.min(wanted, total);
    await new Promise<void>((start) => {
      waiting.push({ amount, start });
      admit();
    });
    try {
      return await work();
    } finally {
      left += amount;
      admit();
    }
  };
};
