import { WorkbenchError } from '../../engine/errors.ts';
import type { ExperimentSummaryRecord } from '../../store/repositories/experiment-summaries.ts';
import type { RunChanges, RunRecord } from '../../store/repositories/runs.ts';
import type { Store } from '../../store/store.ts';
import { experimentSummarySchema, runStatusSchema } from '../shared/entities.ts';
import type { ExperimentSummary, Run, RunStatus } from '../shared/entities.ts';
import { adapterOf, runOf } from '../shared/entity-mapping.ts';
import type { Progress } from '../shared/entity-mapping.ts';
import { allowedTransitions, assertTransition, isAtRest } from './run-status.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';

/** The one place where runs are read and changed: keeps to the allowed transitions and tells of every change. */
export interface RunLedger {
  /** @throws WorkbenchError `not-found` */
  show(id: string): Run;
  ofExperiment(experimentId: string): Run[];
  experimentSummary(record: ExperimentSummaryRecord): ExperimentSummary;
  /** Tells how these experiments stand, as lists show them. */
  announceExperiments(ids: readonly string[]): void;
  /**
   * @param also work of the same transaction
   * @throws WorkbenchError `conflict` when the status can't become that
   */
  change(id: string, changes: Omit<RunChanges, 'status'> & { status?: RunStatus }, also?: () => void): Run;
  /** Kept for as long as the process lives; told with the next announcement. */
  setProgress(id: string, progress: Progress | null): void;
  announce(id: string): void;
  /** Tells of a failure that can't be written down, as on a full disk, and remembers it until the next change. */
  announceLost(id: string, error: string): void;
}

export const createRunLedger = (store: Store, emit: EmitEvent): RunLedger => {
  const progress = new Map<string, Progress>();
  const lost = new Map<string, Pick<Run, 'status' | 'error'>>();
  const entity = (record: RunRecord): Run => ({
    ...runOf(store, record, progress.get(record.id) ?? null),
    ...lost.get(record.id),
  });

  const show = (id: string): Run => {
    const record = store.runs.find(id);
    if (record === undefined) throw new WorkbenchError('not-found', `there is no run "${id}"`);
    return entity(record);
  };
  const assertAllowed = (id: string, next: RunStatus): void => {
    const shown = show(id);
    // What is written counts too: a queued run that could not be marked as running is still queued there.
    const written = runStatusSchema.parse(store.runs.find(id)?.status);
    if (!allowedTransitions[written].includes(next))
      assertTransition(shown.configuration.name, shown.status, next);
  };
  /** Runs that are not at rest, as they were told last. */
  const told = new Map<string, Run>();
  const tell = (run: Run): void => {
    if (isAtRest(run.status)) told.delete(run.id);
    else told.set(run.id, run);
    emit({ name: 'run.changed', payload: run });
  };
  const announce = (id: string): void => tell(show(id));
  const experimentSummary = (record: ExperimentSummaryRecord): ExperimentSummary => {
    const statuses = { ...record.statuses };
    for (const [id, { status }] of lost) {
      const run = store.runs.find(id);
      if (run?.experimentId !== record.id) continue;
      statuses[run.status] = (statuses[run.status] ?? 0) - 1;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    const left = Object.entries(statuses).filter(([, count]) => count > 0);
    return experimentSummarySchema.parse({ ...record, statuses: Object.fromEntries(left) });
  };
  const announceAdapter = (runId: string): void => {
    const adapter = store.adapters.ofRun(runId);
    if (adapter === undefined) return;
    emit({ name: 'adapters.changed', payload: { changed: [adapterOf(adapter)], removed: [] } });
  };
  const announceExperiments = (ids: readonly string[]): void => {
    const changed = store.experimentSummaries.withIds(ids).map(experimentSummary);
    emit({ name: 'experiments.changed', payload: { changed, removed: [] } });
  };

  return {
    show,
    announce,
    experimentSummary,
    announceExperiments,
    ofExperiment: (experimentId) => store.runs.ofExperiment(experimentId).map(entity),
    change: (id, changes, also) => {
      store.transaction(() => {
        if (changes.status !== undefined) assertAllowed(id, changes.status);
        store.runs.update(id, changes);
        also?.();
      });
      lost.delete(id);
      const run = show(id);
      tell(run);
      if (changes.status !== undefined) announceExperiments([run.experimentId]);
      if (changes.status === 'completed') announceAdapter(id);
      return run;
    },
    setProgress: (id, value) => {
      if (value === null) progress.delete(id);
      else progress.set(id, value);
    },
    announceLost: (id, error) => {
      progress.delete(id);
      lost.set(id, { status: 'failed', error });
      const last = told.get(id);
      try {
        announce(id);
        announceExperiments([show(id).experimentId]);
      } catch (problem) {
        // The disk may be gone altogether. Whoever waits for the run must hear of its end all the same.
        if (last === undefined) throw problem;
        tell({ ...last, progress: null, status: 'failed', error });
      }
    },
  };
};
