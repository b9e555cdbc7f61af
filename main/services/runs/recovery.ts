import type { Store } from '../../store/store.ts';
import { adoptKept } from '../adapters/keep-adapter.ts';
import { recoverExports } from '../adapters/recover-exports.ts';
import { now } from '../shared/identifiers.ts';
import { adoptRun } from './adopt-run.ts';
import { leavingRuns } from './leaving-runs.ts';
import { unqueuedStatus } from './run-queue.ts';
import { hintToResume } from './run-session.ts';
import { activeStatuses } from './run-status.ts';

/** Nothing starts by itself when the app is opened: what was under way is paused, and goes on from there when somebody starts it. */
export const restComparisons = (store: Store): void => {
  for (const { id } of store.comparisons.withStatus(['tuning', 'training', 'scoring', 'diagnosing']))
    store.comparisons.update(id, { status: 'paused' });
  for (const { id } of store.assessments.withStatus('running'))
    store.assessments.update(id, { status: 'waiting' });
  store.comparisonDiagnoses.rest();
};

/**
 * Puts right what a workbench left behind that ended without closing. Only whoever runs the queue may do this: under anyone else
 * the runs may well be alive.
 */
export const recoverAfterDeath = (store: Store, dataDirectory: string): void =>
  store.transaction(() => {
    for (const id of store.runs.withStatus(activeStatuses)) {
      adoptRun(store, dataDirectory, id);
      const error = `the workbench ended while this run was going on${hintToResume(store, id)}`;
      store.runs.update(id, { status: 'interrupted', error, endedAt: now() });
    }
    for (const id of leavingRuns(store)) store.runs.update(id, { status: unqueuedStatus(store, id) });
    restComparisons(store);
    recoverExports(store);
    adoptKept(store);
  });
