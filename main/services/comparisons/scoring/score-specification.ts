import { join } from 'node:path';
import { overriddenTraining } from '../../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../../store/store.ts';
import type { ScoreSpecification } from '../../../trainer/protocol/score-schema.ts';
import { datasetSource } from '../../library/dataset-source.ts';
import { runDirectoryOf } from '../../runs/run-specification.ts';
import { findDataset } from '../../library/datasets.ts';
import { findModel } from '../../library/models.ts';
import { cacheDirectoryOf } from '../../shared/cache-directory.ts';
import type { AssessmentState, ComparisonState } from '../orchestration/comparison-state.ts';
import { tunedArms } from '../orchestration/tuned-arms.ts';

/** How subjects are called in a job: by their run, or as the base, which has none. */
export const baseSubject = 'base';
export const subjectOf = ({ runId }: Pick<AssessmentState, 'runId'>): string => runId ?? baseSubject;

/**
 * Those of the assessments that one job can do: subjects on one copy of the base. Arms may hold the base in different formats; each is scored on
 * what it was trained on.
 */
export const together = (
  state: ComparisonState,
  assessments: readonly AssessmentState[],
): AssessmentState[] => {
  const formatOf = (assessment: AssessmentState): string => baseFormatOf(state, assessment);
  return assessments.filter((one) => formatOf(one) === formatOf(assessments[0]!));
};

/** A search may have chosen it. */
const baseFormatOf = (
  state: ComparisonState,
  { runId }: AssessmentState,
): ScoreSpecification['baseFormat'] => {
  const run = state.runs.find((one) => one.runId === runId);
  const tuned = tunedArms(state).find(({ arm, shots }) => arm === run?.arm && shots === run.shots);
  return overriddenTraining(state.definition.training, tuned?.configuration?.training).baseFormat;
};

/** Where the base's pictures lie that it drew for a comparison's tasks: it draws them again where they are gone. */
export const drawnByBase = (dataDirectory: string, comparisonId: string): string =>
  join(cacheDirectoryOf(dataDirectory), 'compared', comparisonId);

/** Everything that the trainer needs to know to score these, from what the store knows. All of them on one copy of the base. */
export const scoreSpecification = (
  store: Store,
  dataDirectory: string,
  state: ComparisonState,
  assessments: readonly AssessmentState[],
): ScoreSpecification => {
  const { definition, modelId, datasetId } = state;
  const { training } = definition;
  const asked = new Set(assessments.map(({ id }) => id));
  const subjects = new Map(assessments.map((one) => [subjectOf(one), one.runId]));
  const tasks = new Set(assessments.map(({ task }) => task));
  return {
    modelDirectory: findModel(store, modelId).directory,
    subjects: [...subjects].map(([id, runId]) => ({
      id,
      adapterDirectory: runId === null ? null : store.adapters.ofRun(runId)!.directory,
      drawnDirectory:
        runId === null ? drawnByBase(dataDirectory, state.id) : runDirectoryOf(dataDirectory, runId),
    })),
    // Whoever asks for the job looks at their files.
    instruments: [],
    tasks: definition.tasks.filter(({ name }) => tasks.has(name)),
    dataset: datasetSource(findDataset(store, datasetId), definition.validationFraction),
    pictures: training.pictures,
    diffusion: training.diffusion,
    // A job does every subject on every task: what is scored already is named, and left out.
    done: state.assessments
      .filter((one) => subjects.has(subjectOf(one)) && tasks.has(one.task))
      .map((one) => ({ subject: subjectOf(one), task: one.task, items: itemsDone(store, one, asked) }))
      .filter(({ items }) => items.length > 0),
    seed: definition.heldOutSeed,
    date: definition.date,
    sequenceLength: training.sequenceLength,
    lossOn: training.lossOn,
    batchSize: training.batchSize,
    baseFormat: baseFormatOf(state, assessments[0]!),
    device: training.device,
    threads: training.threads,
    cacheDirectory: cacheDirectoryOf(dataDirectory),
  };
};

/** Of an assessment that is not asked for every item counts as done, those that are not there too. */
const itemsDone = (store: Store, { id, comparisonId, task }: AssessmentState, asked: ReadonlySet<string>) =>
  asked.has(id)
    ? store.assessments.itemNumbers(id)
    : store.assessments.items(comparisonId, task).map(({ item }) => item);
