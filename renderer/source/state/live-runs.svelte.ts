import { isActive } from '../../../main/api/contract.ts';
import type { WorkbenchEvent } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';

export interface LiveRuns {
  /** How many runs a trainer is at work on. */
  readonly count: number;
  load(): Promise<void>;
  take(event: WorkbenchEvent): void;
}

export const createLiveRuns = (client: Client): LiveRuns => {
  let ids = $state.raw<ReadonlySet<string>>(new Set());
  const without = (gone: string): ReadonlySet<string> => new Set([...ids].filter((id) => id !== gone));

  return {
    get count() {
      return ids.size;
    },
    async load() {
      const { items } = await client.call('runs.list', { statuses: ['running', 'pausing', 'cancelling'] });
      ids = new Set(items.map(({ id }) => id));
    },
    take(event) {
      if (event.name !== 'run.changed') return;
      const { id, status } = event.payload;
      if (isActive(status) === ids.has(id)) return;
      ids = isActive(status) ? new Set([...ids, id]) : without(id);
    },
  };
};
