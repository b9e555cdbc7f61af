import { WorkbenchError } from '../../engine/errors.ts';
import type { ExperimentRecord } from '../../store/repositories/experiments.ts';
import type { Store } from '../../store/store.ts';

/** By id, or the newest of that name. */
export const findExperiment = (store: Store, idOrName: string): ExperimentRecord => {
  const experiment = store.experiments.find(idOrName);
  if (experiment === undefined) throw new WorkbenchError('not-found', `there is no experiment "${idOrName}"`);
  return experiment;
};
