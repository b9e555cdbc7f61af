import type { Answer } from './resource.svelte.ts';

/** What is loaded when somebody first looks at it, and refreshed with the others from then on. */
export interface Lazy {
  /** Asks again for what has been asked for before. */
  refreshAll(): Promise<void>;
  of<A extends Answer<unknown>>(answer: A): A;
}

export const createLazy = (): Lazy => {
  const asked = new Set<Answer<unknown>>();
  return {
    refreshAll: async () => {
      await Promise.all([...asked].map((answer) => answer.refresh()));
    },
    of: <A extends Answer<unknown>>(answer: A): A =>
      new Proxy(answer, {
        get(target, name) {
          if (name === 'value' && !asked.has(target)) {
            asked.add(target);
            // Not within whatever looks: it may be something that must not change state.
            queueMicrotask(() => void target.refresh());
          }
          const found: unknown = Reflect.get(target, name, target);
          return found;
        },
      }),
  };
};
