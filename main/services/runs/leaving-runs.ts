import type { Store } from '../../store/store.ts';

/**
 * Those of the waiting runs that leave the queue with the process that runs it, since nothing starts by itself when the app is opened. A paused
 * queue starts nothing anyway: its runs keep their places, but for those of a comparison, which rests as a whole and takes them up again.
 */
export const leavingRuns = (store: Store): string[] => {
  const waiting = store.runs.queued();
  if (store.queue.read().pausedAt === null) return waiting;
  return waiting.filter((id) => store.comparisons.ofRun(id) !== undefined);
};
