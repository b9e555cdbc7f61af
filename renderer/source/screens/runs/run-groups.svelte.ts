import { SvelteSet } from 'svelte/reactivity';
import type { RunGroup } from '../../../../main/api/contract.ts';
import type { Client } from '../../transport/client.ts';
import { messageOf } from '../../transport/client.ts';
import type { RunQuery } from './run-rows.svelte.ts';

export interface RunGroups {
  /** Undefined until they are known. */
  readonly list: readonly RunGroup[] | undefined;
  readonly error: string | undefined;
  isOpen(group: RunGroup): boolean;
  toggle(group: RunGroup): void;
  openAll(): void;
  closeAll(): void;
  ask(query: RunQuery & { group: string }, measured: string): Promise<void>;
}

const keyOf = ({ value }: RunGroup): string => JSON.stringify(value);

/** The headers of a grouped table: all of them, since every line's place follows from how many there are and which are open. */
export const createRunGroups = (client: Client): RunGroups => {
  let list = $state.raw<readonly RunGroup[]>();
  let error = $state<string>();
  const open = new SvelteSet<string>();
  let asked = 0;
  let by = '';

  return {
    get list() {
      return list;
    },
    get error() {
      return error;
    },
    isOpen: (group) => open.has(keyOf(group)),
    toggle: (group) => {
      const key = keyOf(group);
      if (!open.delete(key)) open.add(key);
    },
    openAll: () => list?.forEach((group) => open.add(keyOf(group))),
    closeAll: () => open.clear(),
    async ask(query, measured) {
      const mine = ++asked;
      if (query.group !== by) {
        open.clear();
        list = undefined;
      }
      by = query.group;
      try {
        const found: RunGroup[] = [];
        for (;;) {
          const page = await client.call('runs.groups', { ...query, measured, offset: found.length });
          if (mine !== asked) return;
          found.push(...page.items);
          if (page.items.length === 0 || found.length >= page.total) break;
        }
        [list, error] = [found, undefined];
      } catch (thrown) {
        if (mine === asked) error = messageOf(thrown);
      }
    },
  };
};
