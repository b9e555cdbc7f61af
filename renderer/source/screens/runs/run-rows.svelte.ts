import type { MethodParams, RunRow } from '../../../../main/api/contract.ts';
import type { Client } from '../../transport/client.ts';
import { messageOf } from '../../transport/client.ts';

export type RunQuery = Pick<MethodParams<'runs.list'>, 'filter' | 'sort' | 'archived' | 'group'>;
export type RowQuery = RunQuery & Pick<MethodParams<'runs.list'>, 'columns'>;

const size = 100;

export interface RunRows {
  /** Undefined until it is known. */
  readonly total: number | undefined;
  readonly error: string | undefined;
  /** Undefined while it is under way. */
  at(index: number): RunRow | undefined;
  /** Sees to it that these are there, and that they are what is asked for. */
  show(from: number, to: number): void;
  /** Begins anew with another question, or with the same; what is on screen stays until there is something else. */
  ask(query: RowQuery): void;
}

interface Part {
  readonly items: RunRow[];
  /** Which of the questions it answers. */
  readonly asked: number;
}

/** Rows of a long table, fetched in parts as they are scrolled to. */
export const createRunRows = (client: Client): RunRows => {
  let parts = $state.raw<ReadonlyMap<number, Part>>(new Map());
  let total = $state<number>();
  let error = $state<string>();
  let query: RowQuery = {};
  let asked = 0;
  let wanted = new Set<number>();
  let shown: [from: number, to: number] = [0, 0];

  const load = async (number: number, mine: number): Promise<void> => {
    try {
      const page = await client.call('runs.list', { ...query, offset: number * size, limit: size });
      if (mine !== asked) return;
      // What answers an older question stays only where somebody looks, until that part is answered, too.
      const kept = [...parts].filter(([at, part]) => part.asked === mine || isShown(at));
      parts = new Map(kept).set(number, { items: page.items, asked: mine });
      total = page.total;
      error = undefined;
    } catch (thrown) {
      if (mine === asked) error = messageOf(thrown);
    }
  };
  const isShown = (number: number): boolean =>
    number >= Math.floor(shown[0] / size) && number <= Math.floor(shown[1] / size);
  const show = (from: number, to: number): void => {
    shown = [from, to];
    for (let number = Math.floor(from / size); number <= Math.floor(to / size); number++) {
      if (wanted.has(number)) continue;
      wanted.add(number);
      void load(number, asked);
    }
  };

  return {
    get total() {
      return total;
    },
    get error() {
      return error;
    },
    at: (index) => parts.get(Math.floor(index / size))?.items[index % size],
    show,
    ask(next) {
      query = next;
      asked++;
      wanted = new Set();
      show(...shown);
      // Where the list has become shorter than what was looked at, its beginning tells how short.
      if (!wanted.has(0)) {
        wanted.add(0);
        void load(0, asked);
      }
    },
  };
};
