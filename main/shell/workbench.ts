import { openWorkbench } from '../api/open-workbench.ts';
import type { Router } from '../api/router.ts';
import { isActiveStatus } from '../services/comparisons/orchestration/comparison-state.ts';
import { isAtRest } from '../services/runs/run-status.ts';
import type { Workbench, WorkbenchOptions } from '../services/workbench.ts';

/** What the shell needs of the application behind it. */
export interface ShellWorkbench extends Router {
  /** How many runs, comparisons and exports would be cut short, or never start, if the process ended now. */
  activeJobs(): number;
  /** Brings running trainers to a stop, with a checkpoint, and closes the store. */
  close(): Promise<void>;
}

export const openShellWorkbench = (options: WorkbenchOptions): ShellWorkbench => {
  const { workbench, router } = openWorkbench(options);
  return { ...router, activeJobs: () => activeJobs(workbench), close: () => workbench.close() };
};

/**
 * A comparison under way is one job, with all its runs: between two of them, and while it scores, it is still at work. What waits for a paused
 * queue is no job: nobody knows when it will be one.
 */
export const activeJobs = ({
  experiments,
  comparisons,
  exports,
  queue,
}: Pick<Workbench, 'experiments' | 'comparisons' | 'exports' | 'queue'>): number => {
  const running = exports.list().filter(({ status }) => status === 'running');
  const { pausedAt, running: runs, jobs } = queue.show();
  if (pausedAt !== null) return runs.length + jobs.length + running.length;
  const active = comparisons.list().filter(({ status }) => isActiveStatus(status));
  const counted = new Set<string | null>(active.map(({ id }) => id));
  const busyRuns = experiments
    .list()
    .filter(({ comparisonId }) => !counted.has(comparisonId))
    .flatMap(({ runs }) => runs.filter(({ status }) => !isAtRest(status)));
  return active.length + busyRuns.length + running.length;
};
