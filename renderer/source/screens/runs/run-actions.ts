import type { MethodResult, RunRow } from '../../../../main/api/contract.ts';
import { formatCount } from '../../format/number.ts';
import { removeWithUndo } from '../../state/remove-with-undo.ts';
import type { Undo } from '../../state/undo.svelte.ts';
import type { Client } from '../../transport/client.ts';

const runsText = (count: number): string => (count === 1 ? '1 run' : `${formatCount(count)} runs`);

/** What people do with runs, each with the way back. */
export interface RunActions {
  archive(ids: readonly string[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  addTag(ids: readonly string[], tag: string): Promise<void>;
  removeTag(ids: readonly string[], tag: string): Promise<void>;
  rename(row: RunRow, name: string): Promise<void>;
  note(row: RunRow, note: string): Promise<void>;
}

export const createRunActions = (client: Client, undo: Undo): RunActions => {
  const tag = async (
    ids: readonly string[],
    change: { add?: string[]; remove?: string[] },
    text: (runs: number) => string,
  ): Promise<void> => {
    const { added, removed } = await client.call('runs.tag', { ids: [...ids], ...change });
    const changed = new Set([...added, ...removed].flatMap((one) => one.ids)).size;
    if (changed === 0) return undo.dismiss();
    undo.offer({ text: text(changed), undo: () => untag(client, { added, removed }) });
  };
  return {
    async archive(ids) {
      const changed = await client.call('runs.archive', { ids: [...ids] });
      if (changed.ids.length === 0) return undo.dismiss();
      undo.offer({
        text: `Archived ${runsText(changed.ids.length)}`,
        undo: () => client.call('runs.archive', { ids: changed.ids, archived: false }),
      });
    },
    remove: (ids) => removeWithUndo(client, undo, { runIds: [...ids] }, `Removed ${runsText(ids.length)}`),
    addTag: (ids, name) => tag(ids, { add: [name] }, (runs) => `Tagged ${runsText(runs)} with ${name}`),
    removeTag: (ids, name) => tag(ids, { remove: [name] }, (runs) => `Took ${name} off ${runsText(runs)}`),
    async rename({ id, name: before }, name) {
      if (name === before) return;
      await client.call('runs.rename', { id, name });
      undo.offer({
        text: `Renamed ${before} to ${name}`,
        undo: () => client.call('runs.rename', { id, name: before }),
      });
    },
    async note({ id, name, note: before }, note) {
      if (note === before) return;
      await client.call('runs.note', { id, note });
      undo.offer({
        text: note === '' ? `Removed the note of ${name}` : `Noted at ${name}`,
        undo: () => client.call('runs.note', { id, note: before }),
      });
    },
  };
};

/** Each run gets back what it had, and no more: of a run that had the tag before nothing is taken. */
const untag = async (
  client: Client,
  { added, removed }: Pick<MethodResult<'runs.tag'>, 'added' | 'removed'>,
): Promise<void> => {
  for (const { tag, ids } of added) await client.call('runs.tag', { ids, remove: [tag] });
  for (const { tag, ids } of removed) await client.call('runs.tag', { ids, add: [tag] });
};
