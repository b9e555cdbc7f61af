import { createContext, untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import type { Command } from './command.ts';

export interface Commands {
  /** What can be done now: what the page offers, then what can always be done. */
  readonly all: readonly Command[];
  perform(command: Command): void;
  /** Adds what a page or a part of it offers; gives the function that takes it back. */
  offer(list: () => readonly Command[]): () => void;
}

export const [getCommands, setCommands] = createContext<Commands>();

export const createCommands = (always: () => readonly Command[], go: (href: string) => void): Commands => {
  // A page takes its own back after the next has offered; a clean-up would read a list in $state as it was before.
  const offers = new SvelteSet<() => readonly Command[]>();
  const all = $derived([...[...offers].flatMap((list) => list()), ...always()]);
  return {
    get all() {
      return all;
    },
    perform: ({ href, run }) => (href === undefined ? run?.() : go(href)),
    offer(list) {
      offers.add(list);
      return () => void offers.delete(list);
    },
  };
};

/** In a component: offers these for as long as it is there. */
export const offerCommands = (list: () => readonly Command[]): void => {
  const commands = getCommands();
  $effect.pre(() => untrack(() => commands.offer(list)));
};
