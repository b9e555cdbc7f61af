import type { Store } from '../../../store/store.ts';
import { insertExperiment } from '../../experiments/insert-experiment.ts';
import type { ExperimentDefinition } from '../../shared/experiment-definition.ts';
import { definitionAt, type Shots } from './at-shots.ts';
import type { ComparisonState } from './comparison-state.ts';
import type { NextWork } from './next-work.ts';
import type { TrialRun } from './tuning-rounds.ts';

/** An experiment has so many configurations at most. */
const mostConfigurations = 100;

/** One run that is to be made. */
interface WantedRun extends Pick<TrialRun, 'arm' | 'configuration'> {
  readonly trial: TrialRun['trial'] | null;
}

type Plan = Pick<ExperimentDefinition, 'name' | 'seed' | 'heldOut' | 'training'>;

/** Runs that choose settings, on rows that the reported ones have no part in. Returns their ids, in the order in which they are to run. */
export const makeTuningRuns = (
  store: Store,
  state: ComparisonState,
  { shots, round, trials }: Extract<NextWork, { type: 'tune' }>,
): string[] => {
  const { name, heldOutSeed, tuning } = state.definition;
  const { seed, heldOutFraction } = tuning!;
  const plan: Plan = {
    name: `${name}: ${ofShots(shots)}tuning${state.definition.tuning!.sweep.search === 'halving' ? `, round ${round + 1}` : ''}`,
    seed,
    heldOut: { seed: heldOutSeed, tuningFraction: heldOutFraction },
    training: definitionAt(state.definition, shots).training,
  };
  return chunks(trials).flatMap((runs) =>
    makeRuns(store, state, plan, runs, ({ arm, trial }) => ({
      role: 'tuning',
      arm,
      seed,
      trial: trial!.number,
      round,
    })),
  );
};

/** Runs that are reported on: an experiment for each seed and number of shots, with all arms. */
export const makeFinalRuns = (
  store: Store,
  state: ComparisonState,
  { shots, arms, seeds }: Extract<NextWork, { type: 'train' }>,
): string[] =>
  seeds.flatMap((seed) => {
    const { name, heldOutSeed, training } = definitionAt(state.definition, shots);
    const plan: Plan = {
      name: `${name}: ${ofShots(shots)}seed ${seed}`,
      seed,
      heldOut: { seed: heldOutSeed },
      training,
    };
    const runs = arms.map((configuration) => ({ arm: configuration.name, configuration, trial: null }));
    return makeRuns(store, state, plan, runs, ({ arm }) => ({
      role: 'final',
      arm,
      seed,
      trial: null,
      round: null,
    }));
  });

const ofShots = (shots: Shots): string =>
  shots === null ? '' : `${shots} ${shots === 1 ? 'shot' : 'shots'}, `;

const makeRuns = (
  store: Store,
  { id: comparisonId, definition, modelId, datasetId }: ComparisonState,
  plan: Plan,
  wanted: readonly WantedRun[],
  linkOf: (run: WantedRun) => {
    role: 'tuning' | 'final';
    arm: string;
    seed: number;
    trial: number | null;
    round: number | null;
  },
): string[] => {
  const { date, validationFraction } = definition;
  const { runIds } = insertExperiment(store, {
    version: 1,
    ...plan,
    model: modelId,
    dataset: datasetId,
    date,
    validationFraction,
    configurations: wanted.map(({ configuration }) => configuration),
  });
  for (const [index, runId] of runIds.entries())
    store.comparisons.insertRun({ runId, comparisonId, ...linkOf(wanted[index]!) });
  return [...runIds];
};

const chunks = <Run>(runs: readonly Run[]): Run[][] =>
  Array.from({ length: Math.ceil(runs.length / mostConfigurations) }, (_, index) =>
    runs.slice(index * mostConfigurations, (index + 1) * mostConfigurations),
  );
