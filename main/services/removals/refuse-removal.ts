import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Experiment, Run } from '../shared/entities.ts';
import { isAtRest } from '../runs/run-status.ts';

/** @throws WorkbenchError `conflict` for an experiment that others need, or that something works on */
export const refuseExperimentRemoval = (store: Store, { name, runs, comparisonId }: Experiment): void => {
  if (comparisonId !== null) {
    const comparison = store.comparisons.find(comparisonId)!;
    throw new WorkbenchError(
      'conflict',
      `"${name}" is a part of the comparison "${comparison.name}" and goes with it`,
    );
  }
  for (const run of runs) refuseWhileBusy(store, run, name);
};

/** @throws WorkbenchError `conflict` */
export const refuseRunRemoval = (store: Store, run: Run, experimentName: string): void => {
  const comparisonId = store.comparisons.ofRun(run.id);
  if (comparisonId !== undefined)
    throw new WorkbenchError(
      'conflict',
      `the run "${run.configuration.name}" is a part of the comparison "${store.comparisons.find(comparisonId)?.name}" and goes with it`,
    );
  refuseWhileBusy(store, run, experimentName);
};

const refuseWhileBusy = (store: Store, { id, status, configuration }: Run, name: string): void => {
  if (!isAtRest(status))
    throw new WorkbenchError(
      'conflict',
      `the run "${configuration.name}" of "${name}" is ${status}; cancel it first`,
    );
  refuseWhileExported(store, id, `a run of "${name}"`);
};

/** @throws WorkbenchError `conflict` */
export const refuseWhileExported = (store: Store, runId: string, what: string): void => {
  if (store.exports.ofRun(runId).some(({ status }) => status === 'running'))
    throw new WorkbenchError('conflict', `${what} is being exported; wait until that is done`);
};
