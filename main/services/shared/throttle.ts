/** How often listeners hear of progress. */
export const updateMilliseconds = 200;

/** Calls that come thick and fast, done at most once per interval. */
export interface Throttle {
  /** Asks for the work to be done soon. */
  request(): void;
  /** Does it now if it was asked for. */
  flush(): void;
  /** Forgets what was asked for. */
  cancel(): void;
}

/** @param onError what the work throws when the timer does it */
export const throttle = (
  milliseconds: number,
  work: () => void,
  onError: (error: unknown) => void,
): Throttle => {
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const flush = (): void => {
    if (timer === undefined) return;
    cancel();
    work();
  };
  return {
    request: () => {
      timer ??= setTimeout(() => {
        try {
          flush();
        } catch (error) {
          onError(error);
        }
      }, milliseconds);
    },
    flush,
    cancel,
  };
};
