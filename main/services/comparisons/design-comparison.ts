import { classesOfPictures } from '../../engine/data/pictures/pictures-format.ts';
import { knownSteps } from '../../engine/train/settings/run-length.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../store/store.ts';
import { targetLayersOf } from '../library/model-layers.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { Configuration } from '../shared/experiment-definition.ts';
import type { ComparisonDesign } from './comparison-schema.ts';
import type { ComparisonDefinition } from './definition.ts';
import { confoundsOf } from './design/confounds.ts';
import type { FindOverlap } from './design/find-overlap.ts';
import type { MatchArms } from './design/match-arms.ts';
import { resolvedArms } from './design/resolved-arm.ts';
import { settingDifferences } from './design/setting-differences.ts';
import { planTrials } from './design/sweep-trials.ts';
import { measuredRuns } from './measured-runs.ts';
import { plannedRuns } from './planned-runs.ts';
import { shotsOf } from './orchestration/at-shots.ts';
import { roundsOfArm } from './orchestration/tuning-rounds.ts';

export interface DesignContext {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly matchArms: MatchArms;
  readonly findOverlap: FindOverlap;
  readonly readFiles: ReadFiles;
}

/**
 * What a definition comes to: ranks that match, what stays unequal, what differs besides the methods, and how many runs it takes. Counting and
 * reading the data are done in processes of their own; nothing is stored.
 * @throws WorkbenchError where settings can't stand together
 */
export const designComparison = async (
  { store, dataDirectory, matchArms, findOverlap, readFiles }: DesignContext,
  definition: ComparisonDefinition,
): Promise<ComparisonDesign> => {
  const model = findModel(store, definition.model);
  const { name: datasetName, format } = findDataset(store, definition.dataset);
  const isOfPictures = format.kind === 'pictures';
  const budgets = await matchArms({
    modelDirectory: model.directory,
    arms: definition.arms.map(({ name, adapter, training }) => ({
      name,
      adapter,
      training: overriddenTraining(definition.training, training),
    })),
    matching: definition.matching,
    ...(format.kind === 'pictures' &&
      !drawsPictures(model.objective) && { classes: classesOfPictures(format, datasetName) }),
    steps: knownSteps(definition.training),
    measured: measuredRuns(store, model.id),
  });
  const arms = definition.arms.map((arm, index): Configuration => {
    const matched = budgets.arms[index];
    return matched?.changed === true ? { ...arm, adapter: matched.adapter } : arm;
  });
  const resolved = resolvedArms({ arms, training: definition.training });
  const overlap = isOfPictures
    ? null
    : await findOverlap(plannedRuns(store, dataDirectory, definition, arms));
  const confounds = confoundsOf({
    definition,
    arms: resolved,
    budgets,
    overlap,
    layers: await targetLayersOf(readFiles, model),
  });
  const trials = definition.tuning === null ? [] : planTrials(definition.tuning.sweep);
  return {
    definition,
    arms,
    budgets,
    differences: settingDifferences(resolved),
    confounds,
    trials,
    plan: planOf(definition, arms),
    notices: [...(isOfPictures ? [noOverlap, noDiagnostics] : []), ...absentModels(store, definition)],
  };
};

const noOverlap =
  'training rows that are held out too are not looked for among pictures here: what is there twice is told where the set was imported';
const noDiagnostics = 'adapters are not looked into afterwards: that is not done for pictures yet';

/** What a comparison will not measure, since the library lacks who would. */
const absentModels = ({ models }: Store, { tasks }: ComparisonDefinition): string[] =>
  tasks.flatMap((task) =>
    task.kind === 'drawn'
      ? task.models
          .filter((model) => models.find(model) === undefined)
          .map((model) => `"${model}" is not in the library: the task ${task.name} measures nothing by it`)
      : [],
  );

const planOf = (
  definition: ComparisonDefinition,
  arms: readonly Configuration[],
): ComparisonDesign['plan'] => {
  const levels = shotsOf(definition).length;
  const finalRuns = levels * definition.seeds.length * arms.length;
  const rounds =
    definition.tuning === null ? [] : arms.flatMap((arm) => roundsOfArm(definition.tuning!, arm));
  return {
    tuningRuns: levels * rounds.reduce((sum, { trials }) => sum + trials, 0),
    finalRuns,
    assessments: (1 + finalRuns) * definition.tasks.length,
  };
};
