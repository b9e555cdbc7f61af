import type { MethodParams } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';
import type { Undo } from './undo.svelte.ts';

/** Takes them out of every list at once, and offers to bring them back for as long as that can be done. */
export const removeWithUndo = async (
  client: Client,
  undo: Undo,
  what: MethodParams<'removals.begin'>,
  text: string,
): Promise<void> => {
  const { id, until } = await client.call('removals.begin', what);
  undo.offer({
    text,
    undo: () => client.call('removals.undo', { id }),
    milliseconds: Math.max(0, Date.parse(until) - Date.now()),
  });
};
