import { createWorkbench, type Workbench, type WorkbenchOptions } from '../services/workbench.ts';
import { createRouter } from './router.ts';
import type { Router, RouterOptions } from './router.ts';

export interface OpenWorkbench {
  readonly workbench: Workbench;
  readonly router: Router;
  /** The same for whoever is not at this machine's own keyboard: what it names lies in the folders that are shown. */
  readonly confinedRouter: Router;
}

/** The workbench and the router before it. Throws WorkbenchError where the data directory can't be used. */
export const openWorkbench = (
  options: WorkbenchOptions,
  {
    reportDefect: tellDefect = console.error,
    ...routerOptions
  }: Omit<RouterOptions, 'subscribe' | 'admit' | 'settle' | 'confine'> = {},
): OpenWorkbench => {
  const workbench = createWorkbench({ reportDefect: tellDefect, ...options });
  const { reportDefect, subscribe, admit, settle } = workbench;
  const shared = { ...routerOptions, reportDefect, subscribe, admit, settle };
  return {
    workbench,
    router: createRouter(workbench, shared),
    confinedRouter: createRouter(workbench, { ...shared, confine: workbench.confinePaths }),
  };
};
