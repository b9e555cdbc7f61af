import { messageOf } from '../../transport/client.ts';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly error: string | undefined;
  /** @param line where it was done: a range begins there */
  toggle(id: string, line: number): void;
  /** All runs from where the range began to this line, beside what was chosen before. */
  extendTo(line: number): Promise<void>;
  /** Whatever it takes to know them. */
  choose(find: () => Promise<readonly string[]>): Promise<void>;
  remove(ids: readonly string[]): void;
  none(): void;
  /** A line that a range would begin at. */
  anchorAt(line: number): void;
  /** The same, unless there is one already. */
  beginAt(line: number): void;
}

/**
 * The runs that somebody has chosen, on screen or far away.
 * @param between the ids of the runs between two lines
 */
export const createSelection = (
  between: (from: number, to: number) => Promise<readonly string[]>,
): Selection => {
  let ids = $state.raw<ReadonlySet<string>>(new Set());
  let error = $state<string>();
  let anchor: number | undefined;
  /** What was chosen when the range began: it can become shorter again. */
  let before: ReadonlySet<string> = new Set();
  let asked = 0;

  const choose = async (base: ReadonlySet<string>, find: () => Promise<readonly string[]>): Promise<void> => {
    const mine = ++asked;
    try {
      const found = await find();
      if (mine === asked) [ids, error] = [new Set([...base, ...found]), undefined];
    } catch (thrown) {
      if (mine === asked) error = messageOf(thrown);
    }
  };
  const set = (next: ReadonlySet<string>): void => {
    asked++;
    ids = next;
    before = next;
  };

  return {
    get ids() {
      return ids;
    },
    get error() {
      return error;
    },
    toggle(id, line) {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      set(next);
      anchor = line;
    },
    extendTo(line) {
      const from = (anchor ??= line);
      return choose(before, () => between(from, line));
    },
    async choose(find) {
      await choose(ids, find);
      before = ids;
    },
    remove(gone) {
      const next = new Set(ids);
      for (const id of gone) next.delete(id);
      set(next);
    },
    none() {
      set(new Set());
      anchor = undefined;
    },
    anchorAt(line) {
      anchor = line;
      before = ids;
    },
    beginAt(line) {
      if (anchor !== undefined) return;
      anchor = line;
      before = ids;
    },
  };
};
