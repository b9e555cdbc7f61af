import { CallError, messageOf } from '../transport/client.ts';

export interface Resource<T> {
  /** Undefined until it has been loaded once. */
  readonly value: T | undefined;
  readonly error: string | undefined;
  /** Whether there is no such thing, or none any more. */
  readonly isMissing?: boolean;
  refresh(): Promise<void>;
  /** Changes the loaded value in place of a refresh, as when an event carries what is new. */
  update(change: (value: T) => T): void;
}

/** Something the workbench keeps, as this window last saw it. */
export const createResource = <T>(load: () => Promise<T>): Resource<T> => {
  let value = $state.raw<T>();
  let error = $state<string>();
  let isMissing = $state(false);
  let newest = 0;
  let loading = false;
  let changedWhileLoading = false;

  const refresh = async (): Promise<void> => {
    const mine = ++newest;
    loading = true;
    changedWhileLoading = false;
    try {
      const loaded = await load();
      if (mine !== newest) return;
      value = loaded;
      error = undefined;
      isMissing = false;
    } catch (thrown) {
      if (mine !== newest) return;
      error = messageOf(thrown);
      isMissing = thrown instanceof CallError && thrown.code === 'not-found';
    }
    if (mine !== newest) return;
    loading = false;
    // The answer may be older than an event that came while it was under way.
    if (changedWhileLoading) await refresh();
  };

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get isMissing() {
      return isMissing;
    },
    refresh,
    update(change) {
      if (loading) changedWhileLoading = true;
      if (value !== undefined) value = change(value);
    },
  };
};
