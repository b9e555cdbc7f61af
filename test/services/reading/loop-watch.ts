/** How long the event loop of this thread stood still because of what ran in it. */
export interface LoopWatch {
  /** The longest since the last time it was asked, in milliseconds. */
  longestBlock(): Promise<number>;
  end(): void;
}

const tickMilliseconds = 5;

/**
 * Between two ticks of a timer passes what the thread computed and what it waited. On a machine that others use, too, a tick may come late
 * though nothing stood in its way: the smaller of the delay and of the processor's time of this thread is what blocked the loop.
 */
export const watchLoop = (): LoopWatch => {
  let longest = 0;
  let clock = performance.now();
  let used = cpuMilliseconds();
  const timer = setInterval(() => {
    const [now, spent] = [performance.now(), cpuMilliseconds()];
    longest = Math.max(longest, Math.min(now - clock - tickMilliseconds, spent - used));
    [clock, used] = [now, spent];
  }, tickMilliseconds);
  return {
    longestBlock: async () => {
      // The block that has just ended shows at the next tick.
      await new Promise((resolve) => setTimeout(resolve, 2 * tickMilliseconds));
      const found = longest;
      longest = 0;
      return found;
    },
    end: () => clearInterval(timer),
  };
};

const cpuMilliseconds = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
