import { createWorkbench } from '../../main/services/workbench.ts';

/** A process that opens the data directory it is told, says so, and stays until it is killed. */
const workbench = createWorkbench({
  dataDirectory: process.argv[2] ?? '',
  sampleDirectory: null,
  version: '0.0.0',
  spawnTrainer: () => {
    throw new Error('this process starts no trainer');
  },
});
process.send?.(workbench.dataDirectory);
setInterval(() => undefined, 60_000);
