/** What asks a program to end: Ctrl-C, `kill` or the system, a terminal that closes, Ctrl-\, Ctrl-Break. Each with its exit code: 128 and its number. */
const exitCodeOfSignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131, SIGBREAK: 149 } as const;
export type EndSignal = keyof typeof exitCodeOfSignal;
const signals = Object.keys(exitCodeOfSignal) as EndSignal[];

/** npm passes a Ctrl-C on that its child has had too, and a closing terminal sends what its shell sends again. */
const sameRequestMilliseconds = 300;

let isAsked = false;
/** Whether this process was asked to end, and is on its way. */
export const isEnding = (): boolean => isAsked;

export const exitCodeOf = (signal: EndSignal): number => exitCodeOfSignal[signal];

/**
 * The first request to end is met in an orderly way; a second one, but not of a terminal that is gone, ends the process at once. Trainers then
 * find their parent gone, write a checkpoint and end by themselves.
 * @param lastWords said where the process ends at once
 * @returns what hands the signals back
 */
export const onInterrupt = (stop: (signal: EndSignal) => void, lastWords = ''): (() => void) => {
  let since: number | undefined;
  const listener = (name: NodeJS.Signals): void => {
    const signal = name as EndSignal;
    if (since === undefined) {
      since = performance.now();
      isAsked = true;
      return stop(signal);
    }
    if (signal === 'SIGHUP' || performance.now() - since < sameRequestMilliseconds) return;
    process.stderr.write(lastWords);
    process.exit(exitCodeOf(signal));
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
};

/** Resolves at the first request to end. */
export const untilInterrupted = (lastWords: string): Promise<EndSignal> =>
  new Promise((resolve) => void onInterrupt(resolve, lastWords));
