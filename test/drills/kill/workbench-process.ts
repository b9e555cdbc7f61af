import { join } from 'node:path';
import { createWorkbench } from '../../../main/services/workbench.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import { root } from '../../support/paths.ts';

/** What the process says of the run that it takes to its end. */
export type Said =
  | { readonly type: 'phase'; readonly phase: string }
  | { readonly type: 'completed' }
  | { readonly type: 'failed'; readonly error: string };

/**
 * A workbench that takes one run to its end, however often it has to start it: one whose trainer is killed is started again. It is itself
 * killed by the test.
 */
const [dataDirectory = '', runId = ''] = process.argv.slice(2);
/** Nobody hears it where the test has ended. */
const say = (said: Said): void => void process.send?.(said, undefined, undefined, () => undefined);

const workbench = createWorkbench({
  dataDirectory,
  sampleDirectory: null,
  version: '0.0.0',
  spawnTrainer: spawnChildTrainer(join(root, 'main/trainer/entry.ts')),
});
workbench.subscribe((event) => {
  if (event.name === 'run.changed') say({ type: 'phase', phase: event.payload.progress?.phase ?? 'between' });
});

let run = workbench.runs.show({ id: runId });
while (run.status !== 'completed') {
  workbench.runs.start({ id: runId });
  run = await workbench.waitForRun(runId);
  // The process that reads the model's files may be the one that is killed.
  const isKilled = run.status === 'interrupted' || /ended unexpectedly/.test(run.error ?? '');
  if (run.status !== 'completed' && !isKilled) {
    say({ type: 'failed', error: `${run.status}: ${run.error}` });
    break;
  }
}
await workbench.close();
if (run.status === 'completed') say({ type: 'completed' });
if (process.connected) process.disconnect();
