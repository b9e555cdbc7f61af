import { messageOf } from '../transport/client.ts';

export interface Resource<T> {
  /** Undefined until it has been loaded once. */
  readonly value: T | undefined;
  readonly error: string | undefined;
  refresh(): Promise<void>;
  /** Changes the loaded value in place of a refresh, as when an event carries what is new. */
  update(change: (value: T) => T): void;
}

/** Something the workbench keeps, as this window last saw it. */
export const createResource = <T>(load: () => Promise<T>): Resource<T> => {
  let value = $state.raw<T>();
  let error = $state<string>();
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
    } catch (thrown) {
      if (mine === newest) error = messageOf(thrown);
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
    refresh,
    update(change) {
      if (loading) changedWhileLoading = true;
      if (value !== undefined) value = change(value);
    },
  };
};
