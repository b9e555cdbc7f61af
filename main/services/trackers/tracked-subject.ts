import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import type { Experiment, Run } from '../shared/entities.ts';
import { experimentOf } from '../shared/entity-mapping.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { TrackedSubject } from './trackers-schema.ts';

/** A run under the name that a tracker is to show it by. */
export interface NamedRun {
  readonly name: string;
  readonly run: Run;
  readonly experiment: Experiment;
  /** What part it has in a comparison; empty elsewhere. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface RunsToTrack {
  /** Of the run's experiment, or of the comparison. */
  readonly title: string;
  /** Those that have begun. */
  readonly runs: readonly NamedRun[];
}

type Context = { readonly store: Store; readonly ledger: RunLedger };

const experimentWith = ({ store, ledger }: Context, id: string): Experiment => {
  const record = findExperiment(store, id);
  return experimentOf(store, record, ledger.ofExperiment(record.id));
};

const ofExperiment = (experiment: Experiment, runs: readonly Run[]): RunsToTrack => ({
  title: experiment.name,
  runs: runs.map((run) => ({ name: run.configuration.name, run, experiment, tags: {} })),
});

/** All runs of a comparison, those that it tuned by too, each with its seed in its name. */
const ofComparison = (context: Context, idOrName: string): RunsToTrack => {
  const { store, ledger } = context;
  const comparison = store.comparisons.find(idOrName);
  if (comparison === undefined) throw new WorkbenchError('not-found', `there is no comparison "${idOrName}"`);
  return {
    title: comparison.name,
    runs: store.comparisons
      .runs(comparison.id)
      .map(({ runId, experimentId, role, arm, seed, trial, round }) => ({
        name: [
          arm,
          `seed ${seed}`,
          ...(trial === null ? [] : [`trial ${trial}`]),
          ...(round === null ? [] : [`round ${round}`]),
        ].join(', '),
        run: ledger.show(runId),
        experiment: experimentWith(context, experimentId),
        tags: {
          'nora.comparison_id': comparison.id,
          'nora.comparison': comparison.name,
          'nora.arm': arm,
          'nora.role': role,
        },
      })),
  };
};

const all = (context: Context, asked: TrackedSubject): RunsToTrack => {
  if ('comparisonId' in asked) return ofComparison(context, asked.comparisonId);
  if ('experimentId' in asked) {
    const experiment = experimentWith(context, asked.experimentId);
    return ofExperiment(experiment, experiment.runs);
  }
  const run = context.ledger.show(asked.runId);
  return ofExperiment(experimentWith(context, run.experimentId), [run]);
};

/** @throws conflict where none of the runs has begun */
export const runsToTrack = (context: Context, asked: TrackedSubject): RunsToTrack => {
  const { title, runs } = all(context, asked);
  const begun = runs.filter(({ run }) => run.startedAt !== null);
  if (begun.length > 0) return { title, runs: begun };
  const what = 'runId' in asked ? `the run "${runs[0]?.name}"` : `no run of "${title}"`;
  throw new WorkbenchError('conflict', `${what} has begun: there is nothing to tell of`);
};
