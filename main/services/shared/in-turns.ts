import { setImmediate as nextTurn } from 'node:timers/promises';

/** Does work that yields now and then, all at once. */
export const atOnce = <Result>(work: Generator<void, Result>): Result => {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
};

/** The same, letting the event loop turn wherever the work yields. */
export const inTurns = async <Result>(work: Generator<void, Result>): Promise<Result> => {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
};
