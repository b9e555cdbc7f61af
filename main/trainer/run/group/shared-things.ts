/** What one run takes of what the runs of its process have in common. */
export interface Share {
  /**
   * What `make` gives, made once for all runs that ask by the same key: the key has to name everything that it follows from. `make` must not
   * ask for another shared thing, or its seconds would count twice.
   * @param release called once no run uses it any more
   */
  readonly get: <T>(
    key: readonly unknown[],
    make: () => T | Promise<T>,
    release?: (value: T) => Promise<void>,
  ) => Promise<T>;
  /** Seconds that others spent on what this run was given: what it would have spent alone. */
  readonly seconds: () => number;
  /** Lets go of all of it. */
  readonly close: () => Promise<void>;
}

interface Thing {
  readonly value: unknown;
  readonly seconds: number;
  readonly release: () => Promise<void>;
  users: number;
}

/** Things that runs of one process have in common, each kept until the last run that uses it is over. Runs ask in their turns only. */
export const createSharedThings = (): { readonly open: () => Share } => {
  const things = new Map<string, Thing>();

  const makeThing = async <T>(
    make: () => T | Promise<T>,
    release: (value: T) => Promise<void>,
  ): Promise<Thing> => {
    const started = performance.now();
    const value = await make();
    const seconds = (performance.now() - started) / 1000;
    return { value, seconds, release: () => release(value), users: 0 };
  };

  return {
    open: () => {
      const used = new Set<string>();
      let borrowed = 0;
      return {
        get: async <T>(
          parts: readonly unknown[],
          make: () => T | Promise<T>,
          release: (value: T) => Promise<void> = () => Promise.resolve(),
        ): Promise<T> => {
          const key = JSON.stringify(parts);
          const known = things.get(key);
          const thing = known ?? (await makeThing(make, release));
          if (known && !used.has(key)) borrowed += known.seconds;
          if (!used.has(key)) thing.users++;
          used.add(key);
          things.set(key, thing);
          return thing.value as T;
        },
        seconds: () => borrowed,
        close: async () => {
          for (const key of used) {
            const thing = things.get(key)!;
            thing.users--;
            if (thing.users > 0) continue;
            things.delete(key);
            await thing.release();
          }
          used.clear();
        },
      };
    },
  };
};
