/*
 * A machine sleeps, and a process is stopped, for hours; then it goes on, and all its clocks say that hours have passed. What another process
 * is given time for has slept as long: only the time counts in which this one was awake.
 */

const tickMilliseconds = 1000;
/** Of what lies between two ticks, no more than this was spent awake. */
const mostMilliseconds = 2 * tickMilliseconds;

let ticking: NodeJS.Timeout | undefined;
let awake = 0;
let last = 0;

const advance = (): void => {
  const now = performance.now();
  awake += Math.min(now - last, mostMilliseconds);
  last = now;
};

/** Milliseconds that this process was awake, from some moment on. */
export const awakeMilliseconds = (): number => {
  if (ticking === undefined) {
    last = performance.now();
    ticking = setInterval(advance, tickMilliseconds);
    ticking.unref();
  }
  advance();
  return awake;
};

export interface AwakeTimeout {
  readonly clear: () => void;
}

/**
 * As setTimeout, of time awake. What has come in while this process was not awake is heard before the time is over.
 * @param milliseconds nominal; each part of it may come late, and counts as what it is
 */
export const setAwakeTimeout = (
  work: () => void,
  milliseconds: number,
  { keepsAlive = true }: { readonly keepsAlive?: boolean } = {},
): AwakeTimeout => {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const part = Math.min(left, tickMilliseconds);
    const from = performance.now();
    timer = setTimeout(() => {
      const isLate = performance.now() - from > part + tickMilliseconds;
      const rest = isLate ? Math.max(left - part, tickMilliseconds) : left - part;
      if (rest <= 0) work();
      else wait(rest);
    }, part);
    if (!keepsAlive) timer.unref();
  };
  wait(milliseconds);
  return { clear: () => clearTimeout(timer) };
};
