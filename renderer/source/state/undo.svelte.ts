import { createContext } from 'svelte';
import { createAction } from './action.svelte.ts';

export interface Undoable {
  /** What was done, as a sentence without its end: `Archived 2 runs`. */
  text: string;
  undo(): Promise<unknown>;
  /** How long it can be taken back; as long as people need to see it, unless told otherwise. */
  milliseconds?: number;
}

/** The last thing that somebody did, for as long as it is offered to be taken back. */
export interface Undo {
  readonly offered: Undoable | undefined;
  readonly busy: boolean;
  readonly error: string | undefined;
  /** Takes the place of what was offered before. */
  offer(undoable: Undoable): void;
  take(): Promise<void>;
  dismiss(): void;
  /** While somebody looks at the offer it stays, but for one that runs out on its own. */
  hold(): void;
  letGo(): void;
}

const usual = 20_000;

export const [getUndo, setUndo] = createContext<Undo>();

export const createUndo = (): Undo => {
  let offered = $state.raw<Undoable>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const withdraw = (): void => {
    clearTimeout(timer);
    offered = undefined;
  };
  const wait = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(withdraw, milliseconds);
  };
  const action = createAction(async (undoable: Undoable) => {
    await undoable.undo();
    if (offered === undoable) withdraw();
  });

  return {
    get offered() {
      return offered;
    },
    get busy() {
      return action.busy;
    },
    get error() {
      return action.error;
    },
    offer(undoable) {
      action.clear();
      offered = undoable;
      wait(undoable.milliseconds ?? usual);
    },
    async take() {
      if (offered === undefined) return;
      // An undo that fails says so until it is dismissed.
      clearTimeout(timer);
      await action.run(offered);
    },
    dismiss: withdraw,
    hold() {
      if (offered?.milliseconds === undefined) clearTimeout(timer);
    },
    letGo() {
      if (offered !== undefined && offered.milliseconds === undefined && action.error === undefined)
        wait(usual);
    },
  };
};
