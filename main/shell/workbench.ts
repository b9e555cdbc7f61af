import { openWorkbench } from '../api/open-workbench.ts';
import type { Router } from '../api/router.ts';
import type { WorkbenchOptions } from '../services/workbench.ts';

/** What the shell needs of the application behind it. */
export interface ShellWorkbench extends Router {
  /** How many runs, comparisons and exports would be cut short, or never start, if the process ended now. */
  activeJobs(): number;
  /** A line for each run that closing has to wait for, and what for. */
  stopsAfter(): string[];
  /** Brings running trainers to a stop, with a checkpoint, and closes the store. */
  close(): Promise<void>;
}

export const openShellWorkbench = (options: WorkbenchOptions): ShellWorkbench => {
  const { workbench, router } = openWorkbench(options);
  workbench.log.write('info', `the desktop app ${options.version} has opened`);
  return {
    ...router,
    activeJobs: workbench.activeJobs,
    stopsAfter: workbench.stopsAfter,
    close: () => workbench.close(),
  };
};
