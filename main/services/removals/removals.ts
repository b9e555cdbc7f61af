import { rm } from 'node:fs/promises';
import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { adapterOf, experimentOf } from '../shared/entity-mapping.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import { createId } from '../shared/identifiers.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { refuseExperimentRemoval, refuseRunRemoval } from './refuse-removal.ts';
import type { Removal } from './removals-schema.ts';

interface RemovalsContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly emit: EmitEvent;
  readonly dataDirectory: string;
  readonly undoMilliseconds: number;
  /** Told why files could not be removed; they are tried again at the next start. */
  readonly reportDefect: (error: unknown) => void;
}

/**
 * Removal that can be taken back for a while. Nothing is lost before that is over, whoever ends when: what is marked as removed is out of the
 * lists, and is completed by whoever is open when its time comes, or opens after that. Files go first, then what is known of them, so that
 * one that was broken off is gone through again.
 */
export const createRemovals = (context: RemovalsContext) => {
  const { store, ledger, emit, dataDirectory } = context;
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const underWay = new Set<Promise<void>>();
  let isClosed = false;

  const complete = async (id: string): Promise<void> => {
    if (!store.transaction(() => store.removals.beginCompleting(id))) return;
    for (const runId of store.removals.runsOf(id))
      await rm(runDirectoryOf(dataDirectory, runId), { recursive: true, force: true });
    store.transaction(() => store.removals.complete(id));
  };
  const schedule = (id: string, until: string): void => {
    const timer = setTimeout(
      () => {
        timers.delete(id);
        const work = complete(id)
          .catch(context.reportDefect)
          .finally(() => underWay.delete(work));
        underWay.add(work);
      },
      // A clock that was put back must not keep it for longer.
      Math.min(context.undoMilliseconds, Math.max(0, Date.parse(until) - Date.now())),
    );
    timer.unref();
    timers.set(id, timer);
  };
  if (!store.readOnly) for (const { id, until } of store.removals.list()) schedule(id, until);

  const entity = ({ id, until }: { id: string; until: string }): Removal => ({
    id,
    until,
    experiments: store.removals.experimentsOf(id).length,
    runs: store.removals.runsOf(id).length,
  });
  const take = (
    id: string,
    { experimentIds, runIds }: MethodParamsParsed<'removals.begin'>,
  ): { adapterIds: string[] } => {
    const wholes = new Set(experimentIds.map((wanted) => findExperiment(store, wanted).id));
    const wanted = new Set(runIds);
    const runs = [...wanted].map((runId) => ledger.show(runId));
    for (const [experimentId, chosen] of Map.groupBy(runs, (run) => run.experimentId)) {
      const { name } = findExperiment(store, experimentId);
      for (const run of chosen) refuseRunRemoval(store, run, name);
      // An experiment without a run says nothing: it goes with the last.
      if (ledger.ofExperiment(experimentId).every((run) => wanted.has(run.id))) wholes.add(experimentId);
    }
    const experiments = [...wholes].map((experimentId) => {
      const record = findExperiment(store, experimentId);
      return experimentOf(store, record, ledger.ofExperiment(experimentId));
    });
    for (const experiment of experiments) refuseExperimentRemoval(store, experiment);
    const gone = new Set([...wanted, ...experiments.flatMap((one) => one.runs.map((run) => run.id))]);
    const adapterIds = [...gone].flatMap((runId) => store.adapters.ofRun(runId)?.id ?? []);
    for (const experimentId of wholes) store.removals.takeExperiment(id, experimentId);
    for (const runId of wanted) store.removals.takeRun(id, runId);
    return { adapterIds };
  };

  return {
    methods: {
      begin: (asked: MethodParamsParsed<'removals.begin'>): Removal => {
        const id = createId();
        const until = new Date(Date.now() + context.undoMilliseconds).toISOString();
        const { adapterIds } = store.transaction(() => {
          store.removals.insert({ id, until });
          return take(id, asked);
        });
        schedule(id, until);
        const removed = store.removals.experimentsOf(id);
        const touched = store.removals.touchedBy(id);
        emit({
          name: 'runs.removed',
          payload: { ids: store.removals.runsOf(id), experimentIds: touched },
        });
        emit({ name: 'adapters.changed', payload: { changed: [], removed: adapterIds } });
        const changed = store.experimentSummaries.withIds(touched).map(ledger.experimentSummary);
        emit({ name: 'experiments.changed', payload: { changed, removed } });
        return entity({ id, until });
      },
      undo: ({ id }: MethodParamsParsed<'removals.undo'>): Record<string, never> => {
        const { runIds, touched } = store.transaction(() => {
          const found = { runIds: store.removals.runsOf(id), touched: store.removals.touchedBy(id) };
          if (store.removals.forget(id)) return found;
          throw new WorkbenchError(
            'not-found',
            'this can no longer be brought back: its time is over, or its experiment was removed for good',
          );
        });
        clearTimeout(timers.get(id));
        timers.delete(id);
        emit({ name: 'runs.returned', payload: { ids: runIds, experimentIds: touched } });
        const changed = runIds.flatMap((runId) => store.adapters.ofRun(runId) ?? []).map(adapterOf);
        emit({ name: 'adapters.changed', payload: { changed, removed: [] } });
        ledger.announceExperiments(touched);
        return {};
      },
      list: (): Removal[] => store.removals.list().map(entity),
    },
    /** What can still be brought back stays so for whoever opens next. */
    close: async (): Promise<void> => {
      if (isClosed) return;
      isClosed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(underWay);
    },
  };
};
