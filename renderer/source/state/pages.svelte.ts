import { untrack } from 'svelte';
import { messageOf } from '../transport/client.ts';
import type { Answer } from './resource.svelte.ts';

export interface Page<T> {
  items: T[];
  total: number;
  next: string | null;
}

/** A list that the workbench keeps, as far as it has been asked for. */
export interface Pages<T> extends Answer<T[]> {
  /** Of all pages; undefined until the first is there. */
  readonly total: number | undefined;
  /** Whether there is more than is here. */
  readonly hasMore: boolean;
  /** Asks for the page after the last. */
  more(): Promise<void>;
  /** Takes in what an event told: those that are here change in their place, others come to theirs, the newest first, and some go. */
  put(changed: readonly T[], removed: readonly string[]): void;
}

export const createPages = <T extends { id: string; createdAt: string }>(
  load: (cursor: string | undefined) => Promise<Page<T>>,
): Pages<T> => {
  let value = $state.raw<T[]>();
  let total = $state<number>();
  let next = $state<string | null>(null);
  let error = $state<string>();
  /** Whoever asks last is answered. */
  let newest = 0;
  let isLoading = false;
  /** What was told while an answer is under way. */
  let meanwhile: (() => void)[] = [];

  const read = async (start: readonly T[], from: string | undefined, atLeast: number): Promise<void> => {
    const mine = ++newest;
    isLoading = true;
    const told: (() => void)[] = [];
    meanwhile = told;
    try {
      let items = [...start];
      let cursor = from;
      let page: Page<T>;
      do {
        page = await load(cursor);
        if (mine !== newest) return;
        const known = new Set(items.map(({ id }) => id));
        items = [...items, ...page.items.filter(({ id }) => !known.has(id))];
        cursor = page.next ?? undefined;
      } while (items.length < atLeast && cursor !== undefined);
      [value, total, next, error] = [items, page.total, page.next, undefined];
      // The answer may be older; asking anew would never end where something is told more often than is answered.
      for (const change of told) change();
    } catch (thrown) {
      if (mine === newest) error = messageOf(thrown);
    }
    if (mine !== newest) return;
    isLoading = false;
    meanwhile = [];
  };
  // As much as was here, so that a long list does not fall together under whoever reads it.
  const refresh = (): Promise<void> =>
    read(
      [],
      undefined,
      untrack(() => value?.length ?? 0),
    );

  /** Now, and upon the answer that is under way. */
  const tell = (change: () => void): void => {
    if (isLoading) meanwhile.push(change);
    change();
  };
  const put = (changed: readonly T[], removed: readonly string[]): void => {
    if (value === undefined) return;
    const byId = new Map(changed.map((item) => [item.id, item]));
    const gone = new Set(removed);
    const kept = value.filter(({ id }) => !gone.has(id)).map((item) => byId.get(item.id) ?? item);
    const known = new Set(value.map(({ id }) => id));
    const last = kept.at(-1);
    // What is further down than this list goes is told when it goes there.
    const isHere = ({ id, createdAt }: T): boolean =>
      !known.has(id) && (next === null || last === undefined || createdAt >= last.createdAt);
    const added = changed.filter(isHere);
    total = (total ?? 0) + added.length - (value.length - kept.length);
    value = added.length === 0 ? kept : [...added, ...kept].toSorted(newestFirst);
  };

  return {
    get value() {
      return value;
    },
    get total() {
      return total;
    },
    get hasMore() {
      return next !== null;
    },
    get error() {
      return error;
    },
    refresh,
    async more() {
      if (next === null || isLoading) return;
      await read(value ?? [], next, 0);
    },
    put: (changed, removed) => tell(() => put(changed, removed)),
  };
};

const newestFirst = (one: { createdAt: string }, other: { createdAt: string }): number =>
  one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : 0;
