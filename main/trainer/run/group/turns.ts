/** One run's part in the taking of turns. It has the turn wherever its code runs. */
export interface Turn {
  /** Lets messages from the parent in (the engine blocks the event loop while it computes), then the runs that wait, and comes back with the turn. */
  readonly pass: () => Promise<void>;
  /** Seconds that this run has had the turn. */
  readonly seconds: () => number;
}

/**
 * Runs of one process compute one at a time, each with all threads: so each gives bit for bit what it gives alone, and what it measures is
 * its own. Whoever waits longest is next.
 */
export interface Turns {
  /** Does a run's work from its first turn on; the turn is given up for good when that is over. */
  readonly take: <T>(work: (turn: Turn) => Promise<T>) => Promise<T>;
}

export const createTurns = (): Turns => {
  const waiting: (() => void)[] = [];
  let isTaken = false;

  const acquire = async (): Promise<void> => {
    if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    isTaken = true;
  };
  const giveUp = (): void => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };

  return {
    take: async (work) => {
      await acquire();
      let since = performance.now();
      let before = 0;
      const seconds = (): number => (before + performance.now() - since) / 1000;
      const pass = async (): Promise<void> => {
        before += performance.now() - since;
        giveUp();
        await breathe();
        await acquire();
        since = performance.now();
      };
      try {
        return await work({ pass, seconds });
      } finally {
        giveUp();
      }
    },
  };
};

/** Lets messages from the parent in, and keeps the turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
