import { SvelteMap } from 'svelte/reactivity';
import type { Sparkline, WorkbenchEvent } from '../../../../main/api/contract.ts';
import type { Client } from '../../transport/client.ts';

/** Milliseconds: rows that are only scrolled past are not asked for. */
const rest = 120;
/** Milliseconds between two looks at curves that grow. */
const growing = 2500;
/** Curves that are kept at one time. */
const most = 2000;

export interface Sparklines {
  /** Null where a run has none, undefined where it is not known. */
  of(id: string): Sparkline | null | undefined;
  /** These are on screen. */
  show(ids: readonly string[]): void;
  take(event: WorkbenchEvent): void;
  stop(): void;
}

/** Small curves of the rows on screen. */
export const createSparklines = (client: Client): Sparklines => {
  const known = new SvelteMap<string, Sparkline | null>();
  const outdated = new Set<string>();
  let shown: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;

  const load = async (): Promise<void> => {
    timer = undefined;
    const ids = shown.filter((id) => !known.has(id) || outdated.has(id)).slice(0, 200);
    if (ids.length === 0 || isAsking) return;
    isAsking = true;
    try {
      const found = new Map((await client.call('runs.sparklines', { ids })).map((one) => [one.runId, one]));
      if (known.size > most) known.clear();
      for (const id of ids) {
        outdated.delete(id);
        known.set(id, found.get(id) ?? null);
      }
    } catch {
      // A table without its small curves is still a table; the list itself tells what is wrong.
      return;
    } finally {
      isAsking = false;
    }
    plan(rest);
  };
  const plan = (milliseconds: number): void => {
    if (shown.some((id) => !known.has(id) || outdated.has(id)))
      timer ??= setTimeout(() => void load(), milliseconds);
  };

  return {
    of: (id) => known.get(id),
    show(ids) {
      shown = ids;
      clearTimeout(timer);
      timer = undefined;
      plan(rest);
    },
    take(event) {
      if (event.name !== 'run.metrics' || !known.has(event.payload.runId)) return;
      outdated.add(event.payload.runId);
      plan(growing);
    },
    stop: () => clearTimeout(timer),
  };
};
