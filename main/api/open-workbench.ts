import type { WorkbenchOptions, Workbench } from '../services/shared/workbench-types.ts';
import { createWorkbench } from '../services/workbench.ts';
import { createEventHub } from './event-hub.ts';
import { createRouter } from './router.ts';
import type { Router, RouterOptions } from './router.ts';

export interface OpenWorkbench {
  readonly workbench: Workbench;
  readonly router: Router;
}

/** The workbench and the router before it, joined by their events. Throws WorkbenchError where the data directory can't be used. */
export const openWorkbench = (
  options: Omit<WorkbenchOptions, 'onEvent'>,
  { reportDefect = console.error, ...routerOptions }: Omit<RouterOptions, 'subscribe'> = {},
): OpenWorkbench => {
  const hub = createEventHub(reportDefect);
  const workbench = createWorkbench({ ...options, onEvent: hub.emit });
  const router = createRouter(workbench, { ...routerOptions, reportDefect, subscribe: hub.subscribe });
  return { workbench, router };
};
