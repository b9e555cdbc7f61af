import { runStatusSchema } from './shared/entities.ts';
import type { Store } from '../store/store.ts';
import { comparisonStatusSchema } from './comparisons/comparison-schema.ts';
import { isActiveStatus } from './comparisons/orchestration/comparison-state.ts';
import type { Queue } from './shared/queue-entity.ts';
import { isAtRest } from './runs/run-status.ts';

/**
 * Runs, comparisons and exports that would be cut short, or never start, if the process ended now. A comparison under way is one job, with
 * all its runs: between two of them, and while it scores, it is still at work. What waits for a paused queue is no job: nobody knows when it will
 * be one.
 * @param queue as it is shown
 */
export const activeJobs = (
  store: Pick<Store, 'comparisons' | 'runs' | 'exports'>,
  { pausedAt, running, jobs }: Pick<Queue, 'pausedAt' | 'running' | 'jobs'>,
): number => {
  const exporting = store.exports.withStatus('running').length;
  if (pausedAt !== null) return running.length + jobs.length + exporting;
  const active = store.comparisons.withStatus(comparisonStatusSchema.options.filter(isActiveStatus));
  const counted = new Set<string | undefined>(active.map(({ id }) => id));
  const busyRuns = store.runs
    .withStatus(runStatusSchema.options.filter((status) => !isAtRest(status)))
    .filter((id) => !counted.has(store.comparisons.ofRun(id)));
  return active.length + busyRuns.length + exporting;
};
