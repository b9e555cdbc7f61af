import { baseShapeOf } from '../../../engine/train/model/base-shape.ts';
import { overriddenTraining } from '../../../engine/train/settings/training-overrides.ts';
import type { TrainingSettings } from '../../../engine/train/settings/training-settings.ts';
import type { Store } from '../../../store/store.ts';
import { findDataset } from '../../library/datasets.ts';
import { configurationSchema, experimentDefinitionSchema } from '../../shared/experiment-definition.ts';
import type { ComparisonDefinition } from '../definition.ts';
import { readState, type ComparisonState, type RunState } from './comparison-state.ts';

/** How many runs of a comparison may train in one process. Where memory is what is asked for, each has its own. */
export const mostSideBySide = ({ sideBySide, matching }: ComparisonDefinition): number =>
  matching?.by === 'peak-memory' ? 1 : sideBySide;

/**
 * Those of the waiting runs, in their order, that may train in the process of a run of a comparison: of the same comparison, on the same rows
 * and one compiled base. The first seed of every arm goes by itself, so that its peak memory is its own.
 */
export const sideBySide = (store: Store, id: string, waiting: readonly string[]): string[] => {
  const comparisonId = store.comparisons.ofRun(id);
  const record = comparisonId === undefined ? undefined : store.comparisons.find(comparisonId);
  if (record === undefined) return [];
  const state = readState(store, record);
  const most = mostSideBySide(state.definition);
  if (most === 1 || sharesNothing(store, state)) return [];
  const runs = new Map(state.runs.map((run) => [run.runId, run]));
  const keyOf = (runId: string): string | null => {
    const run = runs.get(runId);
    return run === undefined ? null : baseKey(store, state, run);
  };
  const key = keyOf(id);
  return key === null ? [] : waiting.filter((other) => keyOf(other) === key).slice(0, most - 1);
};

/** A classifier's runs have a base each, since a seed may draw the head: beside each other they would need the memory of several. */
const sharesNothing = (store: Store, { datasetId }: ComparisonState): boolean =>
  findDataset(store, datasetId).format.kind === 'classification';

/** Settings that the rows, the compiled base or the memory that it takes follow from. */
const settingsOfBase = [
  'batchSize',
  'gradientAccumulation',
  'sequenceLength',
  'packing',
  'lossOn',
  'labelSmoothing',
  'neftuneAlpha',
  'memory',
  'baseFormat',
  'memoryCheck',
  'threads',
  'device',
] as const satisfies readonly (keyof TrainingSettings)[];

/** Runs with the same one can share all but their adapters; null where a run is to be alone. */
const baseKey = (
  store: Store,
  { definition }: ComparisonState,
  { runId, role, seed, experimentId }: RunState,
): string | null => {
  if (store.runs.find(runId)?.device !== null) return null; // it has left the base that the others have
  if (role === 'final' && seed === definition.seeds[0]) return null;
  const configuration = configurationSchema.parse(store.runs.find(runId)?.configuration);
  const experiment = experimentDefinitionSchema.parse(store.experiments.find(experimentId)?.definition);
  const shape = baseShapeOf(configuration.adapter);
  if (shape === null) return null;
  const training = overriddenTraining(experiment.training, configuration.training);
  return JSON.stringify([role, shape, settingsOfBase.map((setting) => training[setting])]);
};
