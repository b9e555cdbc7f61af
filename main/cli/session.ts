import { join } from 'node:path';
import { createCall } from '../api/client.ts';
import type { Call } from '../api/client.ts';
import { openWorkbench } from '../api/open-workbench.ts';
import type { Router } from '../api/router.ts';
import type { Workbench, WorkbenchOptions } from '../services/workbench.ts';
import { spawnChildTrainer } from '../trainer/process/spawn-child.ts';
import { version } from './version.ts';

/** One command's use of the workbench. */
export interface Session {
  readonly call: Call;
  readonly router: Router;
  /** For clients that come by HTTP. */
  readonly confinedRouter: Router;
  readonly workbench: Workbench;
}

export const sampleDirectory = join(import.meta.dirname, '../sample');
export const spawnTrainer = spawnChildTrainer(join(import.meta.dirname, '../trainer/entry.ts'));

/** @throws WorkbenchError where the data directory can't be used. */
export const openSession = (
  dataDirectory: string,
  debug: boolean,
  options: Partial<WorkbenchOptions> = {},
): Session => {
  const opened = openWorkbench(
    { dataDirectory, spawnTrainer, sampleDirectory, version, ...options },
    { reportDefect: debug ? console.error : () => undefined },
  );
  return { call: createCall(opened.router), ...opened };
};
