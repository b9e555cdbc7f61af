import type { MethodParams, RunRow } from '../../../../main/api/contract.ts';
import type { Client } from '../../transport/client.ts';
import { messageOf } from '../../transport/client.ts';

type Query = Pick<MethodParams<'runs.list'>, 'filter' | 'sort' | 'archived' | 'columns'>;

const part = 100;

export interface RunRows {
  /** Undefined until it is known. */
  readonly total: number | undefined;
  readonly error: string | undefined;
  /** Undefined while it is under way. */
  at(index: number): RunRow | undefined;
  /** Sees to it that these are there. */
  show(from: number, to: number): void;
  /** Begins anew with another question, or with the same; what is on screen stays until there is something else. */
  ask(query: Query): Promise<void>;
}

/** Rows of a long table, fetched in parts as they are scrolled to. */
export const createRunRows = (client: Client): RunRows => {
  let parts = $state.raw<ReadonlyMap<number, RunRow[]>>(new Map());
  let total = $state<number>();
  let error = $state<string>();
  let query: Query = {};
  let asked = 0;
  let wanted = new Set<number>();

  const load = async (number: number, mine: number): Promise<void> => {
    try {
      const page = await client.call('runs.list', { ...query, offset: number * part, limit: part });
      if (mine !== asked) return;
      parts = new Map(number === 0 && wanted.size === 1 ? [] : parts).set(number, page.items);
      total = page.total;
      error = undefined;
    } catch (thrown) {
      if (mine === asked) error = messageOf(thrown);
    }
  };

  return {
    get total() {
      return total;
    },
    get error() {
      return error;
    },
    at: (index) => parts.get(Math.floor(index / part))?.[index % part],
    show(from, to) {
      for (let number = Math.floor(from / part); number <= Math.floor(to / part); number++) {
        if (wanted.has(number)) continue;
        wanted.add(number);
        void load(number, asked);
      }
    },
    async ask(next) {
      query = next;
      asked++;
      wanted = new Set([0]);
      await load(0, asked);
    },
  };
};
