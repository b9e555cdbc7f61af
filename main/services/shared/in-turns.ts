import { setImmediate as nextTurn } from 'node:timers/promises';

/** Does work that yields now and then, letting the event loop turn wherever it does. */
export const inTurns = async <Result>(work: Generator<void, Result>): Promise<Result> => {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
};
