import { CallError, messageOf } from '../transport/client.ts';

/** What there is to be shown of something that is asked for. */
export interface Answer<T> {
  /** Undefined until it has been loaded once. */
  readonly value: T | undefined;
  readonly error: string | undefined;
  /** Whether there is no such thing, or none any more. */
  readonly isMissing?: boolean;
  refresh(): Promise<void>;
}

export interface Resource<T> extends Answer<T> {
  /**
   * Changes the loaded value in place of a refresh, as when an event carries what is new; an answer that is under way is changed
   * as well, as it may be older.
   * @param change undefined where it has to be asked for again
   */
  update(change: (value: T) => T | undefined): void;
}

/** Something the workbench keeps, as this window last saw it. */
export const createResource = <T>(load: () => Promise<T>): Resource<T> => {
  let value = $state.raw<T>();
  let error = $state<string>();
  let isMissing = $state(false);
  let newest = 0;
  /** What was told while an answer is under way; undefined while none is. */
  let meanwhile: ((value: T) => T | undefined)[] | undefined;

  const refresh = async (): Promise<void> => {
    const mine = ++newest;
    // What was told before it was asked is in the answer.
    const told: ((value: T) => T | undefined)[] = [];
    meanwhile = told;
    let isOutdated = false;
    try {
      const loaded = await load();
      if (mine !== newest) return;
      const latest = changedBy(told, loaded);
      isOutdated = latest === undefined;
      value = latest ?? loaded;
      error = undefined;
      isMissing = false;
    } catch (thrown) {
      if (mine !== newest) return;
      error = messageOf(thrown);
      isMissing = thrown instanceof CallError && thrown.code === 'not-found';
    }
    if (mine !== newest) return;
    meanwhile = undefined;
    if (isOutdated) await refresh();
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
      meanwhile?.push(change);
      if (value === undefined) return;
      const next = change(value);
      if (next === undefined) void refresh();
      else value = next;
    },
  };
};

/**
 * An answer with what was told while it was under way, in its order. Where the answer knew it already, the last that was told
 * makes it right again. Asking anew instead would never end where something is told more often than is answered.
 */
const changedBy = <T>(changes: readonly ((value: T) => T | undefined)[], loaded: T): T | undefined =>
  changes.reduce<T | undefined>((value, change) => (value === undefined ? undefined : change(value)), loaded);
