import { messageOf } from '../transport/client.ts';

export interface Action<A extends unknown[]> {
  readonly busy: boolean;
  /** What went wrong the last time; cleared by the next. */
  readonly error: string | undefined;
  /** Nothing while it is under way: who asks twice means it once. */
  run(...parameters: A): Promise<void>;
  /** After what is under way: for who asks for something else. */
  runNext(...parameters: A): Promise<void>;
  clear(): void;
}

/** Something a person asks for: busy while it runs, and its error kept for the place where it was asked. */
export const createAction = <A extends unknown[]>(work: (...parameters: A) => Promise<void>): Action<A> => {
  let busy = $state(false);
  let error = $state<string>();
  let underWay = Promise.resolve();

  const run = async (...parameters: A): Promise<void> => {
    busy = true;
    error = undefined;
    try {
      await work(...parameters);
    } catch (thrown) {
      error = messageOf(thrown);
    } finally {
      busy = false;
    }
  };

  return {
    get busy() {
      return busy;
    },
    get error() {
      return error;
    },
    async run(...parameters) {
      if (!busy) await (underWay = run(...parameters));
    },
    async runNext(...parameters) {
      await (underWay = underWay.then(() => run(...parameters)));
    },
    clear() {
      error = undefined;
    },
  };
};
