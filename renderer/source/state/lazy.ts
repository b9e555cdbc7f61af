import type { Resource } from './resource.svelte.ts';

/** A resource that is loaded when somebody first looks at it, and refreshed with the others from then on. */
export interface Lazy {
  /** Asks again for what has been asked for before. */
  refreshAll(): Promise<void>;
  of<R extends Resource<unknown>>(resource: R): R;
}

export const createLazy = (): Lazy => {
  const asked = new Set<Resource<unknown>>();
  return {
    refreshAll: async () => {
      await Promise.all([...asked].map((resource) => resource.refresh()));
    },
    of: <R extends Resource<unknown>>(resource: R): R =>
      new Proxy(resource, {
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
