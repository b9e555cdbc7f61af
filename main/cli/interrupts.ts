/**
 * Ctrl-C asks to stop in an orderly way; a second one ends the process at once. Trainers then find their parent gone,
 * write a checkpoint and end by themselves.
 * @returns what hands Ctrl-C back
 */
export const onInterrupt = (stop: () => void): (() => void) => {
  let count = 0;
  const listener = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count > 1) process.exit(signal === 'SIGTERM' ? 143 : 130);
    stop();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return () => {
    process.off('SIGINT', listener);
    process.off('SIGTERM', listener);
  };
};

/** Resolves at the first Ctrl-C. */
export const untilInterrupted = (): Promise<void> => new Promise((resolve) => void onInterrupt(resolve));
