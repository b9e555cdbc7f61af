import { openWorkbench } from '../api/open-workbench.ts';
import type { Router } from '../api/router.ts';
import { isAtRest } from '../services/runs/run-status.ts';
import type { Workbench, WorkbenchOptions } from '../services/workbench.ts';

/** What the shell needs of the application behind it. */
export interface ShellWorkbench extends Router {
  /** How many runs and exports would be cut short, or never start, if the process ended now. */
  activeJobs(): number;
  /** Brings running trainers to a stop, with a checkpoint, and closes the store. */
  close(): Promise<void>;
}

export const openShellWorkbench = (options: WorkbenchOptions): ShellWorkbench => {
  const { workbench, router } = openWorkbench(options);
  return { ...router, activeJobs: () => activeJobs(workbench), close: () => workbench.close() };
};

export const activeJobs = ({ experiments, exports }: Pick<Workbench, 'experiments' | 'exports'>): number => {
  const runs = experiments.list().flatMap((experiment) => experiment.runs);
  const busyRuns = runs.filter(({ status }) => !isAtRest(status));
  return busyRuns.length + exports.list().filter(({ status }) => status === 'running').length;
};
