import type { ItemResult } from '../../engine/scoring/item-result.ts';
import type { JobContext } from '../protocol/job.ts';

/** Items at a time: few enough that little is lost with a process, enough that no message is spent on one. */
const portion = 32;

/** Reports items in portions, by subject and task. */
export interface Portions {
  readonly add: (subject: string, task: string, result: ItemResult) => void;
  /** Reports what is left. */
  readonly flush: () => void;
  /** Items so far. */
  readonly count: () => number;
}

export const createPortions = (emit: JobContext['emit']): Portions => {
  const waiting = new Map<string, { subject: string; task: string; items: ItemResult[] }>();
  let count = 0;
  const send = (key: string): void => {
    const group = waiting.get(key);
    if (group === undefined) return;
    waiting.delete(key);
    emit({ type: 'scored-items', ...group });
  };
  return {
    add: (subject, task, result) => {
      const key = JSON.stringify([subject, task]);
      const group = waiting.get(key) ?? { subject, task, items: [] };
      waiting.set(key, group);
      group.items.push(result);
      count += 1;
      if (group.items.length >= portion) send(key);
    },
    flush: () => [...waiting.keys()].forEach(send),
    count: () => count,
  };
};
