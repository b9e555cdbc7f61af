import type { Comparison, Experiment, Export, Run } from '../../../main/api/contract.ts';
import { follow, followPages } from './follow.svelte.ts';
import type { Pages } from './pages.svelte.ts';
import type { Resource } from './resource.svelte.ts';
import type { WorkbenchState } from './workbench.svelte.ts';

/** One experiment with its runs. */
export const followExperiment = (workbench: WorkbenchState, id: () => string): Resource<Experiment> =>
  follow(
    workbench,
    () => workbench.client.call('experiments.show', { id: id() }),
    (experiment, event) => {
      if (event.name === 'run.changed') return withRun(experiment, event.payload);
      if (event.name === 'runs.removed' || event.name === 'runs.returned')
        return event.payload.experimentIds.includes(experiment.id) ? undefined : experiment;
      if (event.name !== 'experiments.changed') return experiment;
      return event.payload.removed.includes(experiment.id) ? undefined : experiment;
    },
  );

/** One comparison with all that belongs to it. */
export const followComparison = (workbench: WorkbenchState, id: () => string): Resource<Comparison> =>
  follow(
    workbench,
    () => workbench.client.call('comparisons.show', { id: id() }),
    (comparison, event) => {
      if (event.name === 'run.changed') return withRunOf(comparison, event.payload);
      if (event.name === 'comparison.changed')
        return event.payload.id === comparison.id ? event.payload : comparison;
      if (event.name !== 'comparisons.removed') return comparison;
      return event.payload.removed.includes(comparison.id) ? undefined : comparison;
    },
  );

/** Exports of an experiment's adapters, or of imported ones. */
export const followExports = (
  workbench: WorkbenchState,
  of: () => { experimentId: string } | { imported: true },
  isOurs: (adapterId: string) => boolean,
): Pages<Export> =>
  followPages(
    workbench,
    (cursor) => workbench.client.call('exports.list', { ...of(), cursor }),
    (pages, event) => {
      if (event.name === 'export.changed' && isOurs(event.payload.adapterId)) pages.put([event.payload], []);
    },
  );

const withRun = (experiment: Experiment, run: Run): Experiment =>
  experiment.id !== run.experimentId
    ? experiment
    : { ...experiment, runs: experiment.runs.map((known) => (known.id === run.id ? run : known)) };

/** The comparison's own view of its run; what only the workbench knows of it comes with `comparison.changed`. */
const withRunOf = (comparison: Comparison, { id, status, step, steps, error }: Run): Comparison =>
  comparison.runs.every(({ runId }) => runId !== id)
    ? comparison
    : {
        ...comparison,
        runs: comparison.runs.map((known) =>
          known.runId === id ? { ...known, status, step, steps, error } : known,
        ),
      };
