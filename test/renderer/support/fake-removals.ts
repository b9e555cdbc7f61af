import type { Experiment, ExperimentSummary, RunView } from '../../../main/api/contract.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';

interface Context {
  emit: EmitEvent;
  experiments: Experiment[];
  summaryOf: (experiment: Experiment) => ExperimentSummary;
}

/** Removal of whole experiments and stored views, in memory; single runs are removed in tests of the real store. */
export const fakeRemovals = ({
  emit,
  experiments,
  summaryOf,
}: Context): Pick<WorkbenchMethods, 'removals' | 'views'> => {
  const removed = new Map<string, { at: number; experiment: Experiment }[]>();
  const views: RunView[] = [];
  const tell = (): void => emit({ name: 'views.changed', payload: {} });
  return {
    removals: {
      begin: ({ experimentIds }) => {
        const id = `removal-${removed.size + 1}`;
        const taken = experimentIds.map((wanted) => {
          const at = experiments.findIndex((one) => one.id === wanted);
          return { at, experiment: experiments.splice(at, 1)[0]! };
        });
        removed.set(id, taken);
        emit({ name: 'experiments.changed', payload: { changed: [], removed: experimentIds } });
        return {
          id,
          until: new Date(Date.now() + 60_000).toISOString(),
          experiments: taken.length,
          runs: taken.flatMap(({ experiment }) => experiment.runs).length,
        };
      },
      undo: ({ id }) => {
        const taken = removed.get(id);
        if (taken === undefined) throw new WorkbenchError('not-found', 'this can no longer be brought back');
        removed.delete(id);
        for (const { at, experiment } of taken.toReversed()) experiments.splice(at, 0, experiment);
        const changed = taken.map(({ experiment }) => summaryOf(experiment));
        emit({ name: 'experiments.changed', payload: { changed, removed: [] } });
        return {};
      },
      list: () => [],
    },
    views: {
      list: () => views,
      save: ({ id = `view-${views.length + 1}`, name, definition }) => {
        const view = { id, name, definition, createdAt: new Date().toISOString() };
        const at = views.findIndex((one) => one.id === id);
        if (at === -1) views.push(view);
        else views[at] = view;
        tell();
        return view;
      },
      remove: ({ id }) => {
        views.splice(0, views.length, ...views.filter((one) => one.id !== id));
        tell();
        return {};
      },
    },
  };
};
