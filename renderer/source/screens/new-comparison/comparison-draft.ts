import { comparisonRequestSchema, trainingSettingsSchema } from '../../../../main/api/contract.ts';
import type {
  Comparison,
  ComparisonDefinition,
  ComparisonDefinitionInput,
  Dataset,
  Experiment,
  ExperimentDefinition,
  Matching,
  Model,
  SettingRange,
  Sweep,
  Task,
  TaskInput,
} from '../../../../main/api/contract.ts';
import {
  defaultConfiguration,
  diffusionOf,
  draftOfConfigurations,
  newDraft,
  usualBatch,
  picturesOf,
  suitModel,
  toConfigurations,
} from '../new-experiment/draft.ts';
import type { Draft } from '../new-experiment/draft.ts';
import { publishedShots } from '../new-experiment/picture-settings.ts';
import { draftOfSetting, settingRange } from './swept-settings.ts';
import type { DraftSetting } from './swept-settings.ts';
import { readNumbers, writeNumbers } from '../../format/number-list.ts';

/** A task, with what keeps its card itself while others come and go. */
export interface DraftTask {
  key: number;
  task: Task;
}

export interface DraftTuning {
  rates: 'values' | 'range';
  /** As typed: `1e-4, 2e-4`. */
  values: string;
  from: number;
  to: number;
  points: number;
  search: Sweep['search'];
  trials: number | null;
  rounds: number;
  keepOneIn: number;
  sweepSeed: number;
  heldOutFraction: number;
  seed: number;
  /** Settings besides the learning rate. */
  others: DraftSetting[];
}

/**
 * What the form of a comparison edits. The parts that it shares with an experiment's are where that has them: its arms are the
 * configurations, and its seed says which rows are held out.
 */
export interface ComparisonDraft extends Draft {
  /** As typed: `0, 1, 2`. */
  seeds: string;
  /** As typed: `1, 2, 4`; null for one training set. Means nothing for texts. */
  shots: string | null;
  matching: Matching | null;
  tuning: DraftTuning | null;
  tasks: DraftTask[];
  /** By `task/score`; null where none is named. */
  margins: Record<string, number | null>;
  level: number;
  sideBySide: number;
  diagnostics: ComparisonDefinition['diagnostics'];
  /** Names of confounds. */
  accepted: string[];
}

let lastKey = 0;
export const draftTask = (task: Task): DraftTask => ({ key: ++lastKey, task });

export const newTuning = (): DraftTuning => ({
  rates: 'range',
  values: '1e-4, 2e-4, 5e-4, 1e-3',
  from: 5e-5,
  to: 2e-3,
  points: 5,
  search: 'grid',
  trials: null,
  rounds: 3,
  keepOneIn: 3,
  sweepSeed: 0,
  heldOutFraction: 0.1,
  seed: 0,
  others: [],
});

const draftOfTuning = ({
  sweep,
  heldOutFraction,
  seed,
}: NonNullable<ComparisonDefinition['tuning']>): DraftTuning => {
  // A rate that is searched evenly, and not by its logarithm, is a setting like any other here.
  const { learningRate: given, ...rest } = sweep.settings;
  const isPlain = given !== undefined && 'range' in given;
  const learningRate = isPlain ? undefined : given;
  const others = isPlain ? sweep.settings : rest;
  const range =
    learningRate === undefined
      ? { rates: 'values' as const, values: '' }
      : 'logRange' in learningRate
        ? {
            rates: 'range' as const,
            from: learningRate.logRange[0],
            to: learningRate.logRange[1],
            points: learningRate.points,
          }
        : { rates: 'values' as const, values: writeNumbers(learningRate.values.map(Number)) };
  return {
    ...newTuning(),
    ...range,
    search: sweep.search,
    trials: sweep.trials,
    rounds: sweep.halving.rounds,
    keepOneIn: sweep.halving.keepOneIn,
    sweepSeed: sweep.seed,
    heldOutFraction,
    seed,
    others: Object.entries(others).map(([path, setting]) => draftOfSetting(path, setting)),
  };
};

const heldOut: Task = { kind: 'held-out', name: 'held-out', limit: null };

/** Of captions none are drawn: those have no classes. */
export const hasShots = (dataset: Dataset | undefined): boolean =>
  dataset?.format.kind === 'pictures' && dataset.format.classes !== null;

export const usualShots = writeNumbers(publishedShots);

/** Two methods, three seeds, of pictures the published numbers of shots, and nothing else decided. */
export const newComparisonDraft = (
  model: Model | undefined,
  dataset: Dataset | undefined,
): ComparisonDraft => ({
  ...newDraft(model, dataset?.id ?? ''),
  training: trainingSettingsSchema.parse(usualBatch(model)),
  evaluateEvery: 0,
  configurations: [defaultConfiguration('lora', model), defaultConfiguration('nora', model)],
  seeds: '0, 1, 2',
  shots: hasShots(dataset) ? usualShots : null,
  matching: null,
  tuning: null,
  tasks: [draftTask(heldOut)],
  margins: {},
  level: 0.05,
  sideBySide: 4,
  diagnostics: { seeds: 2 },
  accepted: [],
});

export const draftOfDefinition = (definition: ComparisonDefinition): ComparisonDraft => {
  const { name, model, dataset, heldOutSeed, date, validationFraction, training, arms } =
    structuredClone(definition);
  return {
    name,
    model,
    dataset,
    seed: heldOutSeed,
    date,
    validationFraction,
    training,
    evaluateEvery: training.evaluateEvery,
    configurations: draftOfConfigurations(arms),
    seeds: writeNumbers(definition.seeds),
    shots: definition.shots && writeNumbers(definition.shots),
    matching: definition.matching,
    tuning: definition.tuning && draftOfTuning(definition.tuning),
    tasks: definition.tasks.map(draftTask),
    margins: { ...definition.margins },
    level: definition.level,
    sideBySide: definition.sideBySide,
    diagnostics: definition.diagnostics,
    accepted: [],
  };
};

/** The same again, to change something. What was accepted has to be accepted again: it may not be the same any more. */
export const draftOfComparison = ({ definition, modelId, datasetId }: Comparison): ComparisonDraft => ({
  ...draftOfDefinition(definition),
  name: `${definition.name} (copy)`,
  model: modelId,
  dataset: datasetId,
});

/** An experiment's arms over several seeds, its own the first: what one run of each can't tell. */
export const draftOfExperiment = ({ definition, modelId, datasetId }: Experiment): ComparisonDraft => {
  const { name, seed, date, validationFraction, training, configurations } = structuredClone(definition);
  return {
    ...newComparisonDraft(undefined, undefined),
    name: `${name}, three seeds`,
    model: modelId,
    dataset: datasetId,
    seed,
    date,
    validationFraction,
    training,
    configurations: draftOfConfigurations(configurations),
    seeds: writeNumbers([seed, seed + 1, seed + 2]),
  };
};

/** NoRA on the layers that published settings of LoRA adapt, and as large: each arm as it is published, or as it comes. */
export const draftOfPreset = (
  definition: ExperimentDefinition,
  model: Model | undefined,
  dataset: Dataset | undefined,
): ComparisonDraft => {
  const draft = newComparisonDraft(model, dataset);
  const { training, configurations } = structuredClone(definition);
  const published = draftOfConfigurations(configurations);
  const [first] = published;
  const targets =
    first !== undefined && 'targetModules' in first.adapter ? first.adapter.targetModules : null;
  const nora = defaultConfiguration('nora', model);
  const adapter = targets === null ? nora.adapter : { ...nora.adapter, targetModules: targets };
  return {
    ...draft,
    training,
    evaluateEvery: training.evaluateEvery,
    configurations: [...published, { ...nora, adapter: suitModel(adapter, model) }],
    matching: { by: 'trained-parameters', target: null, tolerance: 0.02 },
  };
};

const rangeOf = ({ rates, values, from, to, points }: DraftTuning): SettingRange =>
  rates === 'values' ? { values: readNumbers(values) } : { logRange: [from, to], points, whole: false };

const tuningOf = (tuning: DraftTuning): ComparisonDefinitionInput['tuning'] => ({
  sweep: {
    settings: {
      ...(tuning.rates === 'values' && tuning.values.trim() === '' ? {} : { learningRate: rangeOf(tuning) }),
      ...Object.fromEntries(tuning.others.map((one) => [one.path.trim(), settingRange(one)])),
    },
    search: tuning.search,
    trials: tuning.search === 'grid' ? null : tuning.trials,
    seed: tuning.sweepSeed,
    ...(tuning.search === 'halving' && { halving: { rounds: tuning.rounds, keepOneIn: tuning.keepOneIn } }),
  },
  heldOutFraction: tuning.heldOutFraction,
  seed: tuning.seed,
});

/** Margins of scores that no task has any more are forgotten. */
const marginsOf = ({ margins, tasks }: ComparisonDraft): Record<string, number> => {
  const names = new Set(tasks.map(({ task }) => task.name));
  return Object.fromEntries(
    Object.entries(margins).flatMap(([score, margin]) =>
      margin !== null && names.has(score.slice(0, score.lastIndexOf('/'))) ? [[score, margin]] : [],
    ),
  );
};

export const toComparisonDefinition = (
  draft: ComparisonDraft,
  fallbackName: string,
  dataset: Dataset | undefined,
  model: Model | undefined,
): ComparisonDefinitionInput => ({
  version: 1,
  name: draft.name ?? fallbackName,
  model: draft.model,
  dataset: draft.dataset,
  date: draft.date,
  validationFraction: draft.validationFraction,
  heldOutSeed: draft.seed,
  training: {
    ...draft.training,
    pictures: picturesOf(draft, dataset, model),
    diffusion: diffusionOf(draft, model),
    evaluateEvery: draft.evaluateEvery ?? 0,
  },
  arms: toConfigurations(draft.configurations),
  seeds: readNumbers(draft.seeds),
  shots: hasShots(dataset) && draft.shots !== null ? readNumbers(draft.shots) : null,
  matching: draft.matching,
  tuning: draft.tuning && tuningOf(draft.tuning),
  tasks: draft.tasks.map(({ task }): TaskInput => task),
  margins: marginsOf(draft),
  level: draft.level,
  sideBySide: draft.sideBySide,
  // Not done for pictures.
  diagnostics: dataset?.format.kind === 'pictures' ? null : draft.diagnostics,
  accepted: [...draft.accepted],
});

/** Undefined while a field is wrong. */
export const completeDefinition = (definition: ComparisonDefinitionInput): ComparisonDefinition | undefined =>
  comparisonRequestSchema.safeParse(definition).data;
