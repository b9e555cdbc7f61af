import {
  adapterName,
  adapterSettingsSchema,
  adapterMethods,
  standardDate,
  trainingSettingsSchema,
  usualLearningRate,
  usualTargets,
} from '../../../../main/api/contract.ts';
import type {
  AdapterMethod,
  AdapterSettings,
  Configuration,
  Dataset,
  Experiment,
  ExperimentDefinition,
  ExperimentDefinitionInput,
  Model,
  TrainingSettings,
} from '../../../../main/api/contract.ts';
import { largestRank, methodTitle, narrowestModule } from '../../format/adapter.ts';
import { headOf } from '../../format/model.ts';
import { draws, usualDiffusion } from './drawing/drawing-settings.ts';
import { resized } from './equal-size.ts';
import { usualPictures } from './picture-settings.ts';
import { usualInterval } from './evaluation-interval.ts';

/** One card of the form. */
export interface DraftConfiguration {
  /** Keeps a card itself while others come and go. */
  key: number;
  /** Undefined as long as the name follows from the settings. */
  name: string | undefined;
  adapter: AdapterSettings;
  /** Null where it has the experiment's. */
  learningRate: number | null;
  /** The key of a configuration as large as which its ranks are to make it. */
  equalTo?: number | undefined;
  /** Other settings that it has for itself, from an experiment that is copied. */
  training?: Omit<NonNullable<Configuration['training']>, 'learningRate'>;
}

/** What the form edits. Numbers are NaN while what is typed is none. */
export interface Draft {
  /** Undefined as long as the name follows from the data. */
  name: string | undefined;
  model: string;
  dataset: string;
  seed: number;
  /** YYYY-MM-DD. */
  date: string;
  validationFraction: number;
  /** But for `evaluateEvery`, which stands here beside it. */
  training: TrainingSettings;
  /** Undefined as long as it follows from the length of the run. */
  evaluateEvery: number | undefined;
  /** Of an experiment that is copied and holds out rows by a seed of their own. */
  heldOut?: ExperimentDefinition['heldOut'];
  configurations: DraftConfiguration[];
}

let lastKey = 0;
export const nextKey = (): number => ++lastKey;

/**
 * The schema's defaults, with ranks that the model's smallest layer allows. The form offers the fast decomposition first; files
 * without a word on it mean the exact one, as they did before there was another.
 */
export const defaultConfiguration = (method: AdapterMethod, model: Model | undefined): DraftConfiguration => {
  const decomposes = 'decomposition' in adapterMethods[method].schema.shape;
  const decomposition = decomposes ? { decomposition: 'randomized' } : {};
  const adapter = adapterSettingsSchema.parse({ method, ...decomposition, ...targetsOf(method, model) });
  return { key: nextKey(), name: undefined, adapter: suitModel(adapter, model), learningRate: null };
};

/** Layers that a method sits on by itself; none where it trains the weights themselves. */
const targetsOf = (method: AdapterMethod, model: Model | undefined): object =>
  'targetModules' in adapterMethods[method].schema.shape
    ? { targetModules: usualTargets(model?.objective ?? 'next-token') }
    : {};

/** The usual layers of another model, where those of the one before stand. */
const movedTargets = (
  adapter: AdapterSettings,
  model: Model | undefined,
  before: Model | undefined,
): AdapterSettings => {
  const isUsual =
    'targetModules' in adapter &&
    JSON.stringify(adapter.targetModules) === JSON.stringify(usualTargets(before?.objective ?? 'next-token'));
  return isUsual ? { ...adapter, ...targetsOf(adapter.method, model) } : adapter;
};

/** What a form first tries a method at; of no model yet, as of a small one. */
export const usualRate = (method: AdapterMethod, model: Model | undefined): number =>
  usualLearningRate(method, model?.parameters ?? 0);

/** With the rate that suits the method: one for all of them flatters those that it happens to suit. */
export const usualConfiguration = (method: AdapterMethod, model: Model | undefined): DraftConfiguration => ({
  ...defaultConfiguration(method, model),
  learningRate: usualRate(method, model),
});

/** Takes a configuration to another model: its adapter as there, and its rate where it was the usual one. */
export const moveToModel = (
  configuration: DraftConfiguration,
  model: Model | undefined,
  before: Model | undefined,
): void => {
  const { adapter, learningRate } = configuration;
  configuration.adapter = suitModel(movedTargets(adapter, model, before), model, before);
  if (learningRate === usualRate(adapter.method, before))
    configuration.learningRate = usualRate(adapter.method, model);
};

/**
 * As the model asks: ranks that its layers allow, and a classifier's head trained along, as PEFT does.
 * @param before the model that the settings were for, whose head this one does not know
 */
export const suitModel = (
  adapter: AdapterSettings,
  model: Model | undefined,
  before?: Model,
): AdapterSettings => {
  const fitted = fitToModel(adapter, model);
  if (!('modulesToSave' in fitted)) return fitted;
  const others = fitted.modulesToSave.filter((name) => !(before && headOf(before).includes(name)));
  return { ...fitted, modulesToSave: [...new Set([...others, ...(model ? headOf(model) : [])])] };
};

/** Lowers a rank that is too large for the model, but only where it is still the default: nobody chose it. */
export const fitToModel = (adapter: AdapterSettings, model: Model | undefined): AdapterSettings => {
  const narrowest = model && narrowestModule(model, adapter);
  if (narrowest === undefined) return adapter;
  const limit = largestRank(narrowest);
  const defaults: Readonly<Record<string, unknown>> = adapterSettingsSchema.parse({ method: adapter.method });
  const fitted = Object.entries(adapter)
    .filter(([field, value]) => rankSettings.has(field) && value === defaults[field])
    .map(([field, value]) => [field, Math.min(Number(value), limit)]);
  return { ...adapter, ...(Object.fromEntries(fitted) as Record<string, number>) };
};

const rankSettings = new Set(['rank', 'outerRank', 'innerRank', 'targetRank']);
export const isRank = (setting: string): boolean => rankSettings.has(setting);

export const copyConfiguration = (configuration: DraftConfiguration): DraftConfiguration => ({
  ...structuredClone(configuration),
  key: nextKey(),
  name: undefined,
});

/** NoRA, and a LoRA of as many trained parameters: a larger one would be ahead for its size. */
const firstConfigurations = (model: Model | undefined): DraftConfiguration[] => {
  const nora = usualConfiguration('nora', model);
  const lora = { ...usualConfiguration('lora', model), equalTo: nora.key };
  return resized([lora, nora], model);
};

const usualLength = 256;

/** A picture that is drawn is as large as many rows. */
export const usualBatch = (model: Model | undefined): { batchSize?: number } =>
  draws(model) ? { batchSize: 1 } : {};

export const newDraft = (model: Model | undefined, dataset: string): Draft => ({
  name: undefined,
  model: model?.id ?? '',
  dataset,
  seed: 0,
  date: standardDate,
  validationFraction: 0.1,
  training: trainingSettingsSchema.parse({
    schedule: 'cosine',
    warmupRatio: 0.1,
    ...usualBatch(model),
    sequenceLength: Math.min(usualLength, model?.maximumPositions ?? usualLength),
  }),
  evaluateEvery: undefined,
  configurations: firstConfigurations(model),
});

/** The same again, to change something. */
export const draftOf = ({ definition, modelId, datasetId }: Experiment): Draft => ({
  ...draftOfDefinition(definition),
  name: `${definition.name} (copy)`,
  model: modelId,
  dataset: datasetId,
});

/** To change: all of it as it says, so that nothing follows from anything. */
export const draftOfDefinition = (definition: ExperimentDefinition): Draft => {
  const { version: _, ...rest } = structuredClone(definition);
  return {
    ...rest,
    evaluateEvery: definition.training.evaluateEvery,
    configurations: draftOfConfigurations(definition.configurations),
  };
};

export const draftOfConfigurations = (configurations: readonly Configuration[]): DraftConfiguration[] =>
  configurations.map((configuration) => ({
    key: nextKey(),
    name: configuration.name,
    adapter: structuredClone(configuration.adapter),
    ...draftOfOverrides(configuration),
  }));

const draftOfOverrides = ({
  training = {},
}: Configuration): Pick<DraftConfiguration, 'learningRate' | 'training'> => {
  const { learningRate = null, ...others } = structuredClone(training);
  return { learningRate, training: others };
};

/** Every configuration's name: its own, or one that follows from its settings and is not taken. */
export const configurationNames = (configurations: readonly DraftConfiguration[]): string[] => {
  const taken = new Set(configurations.flatMap(({ name }) => name ?? []));
  return configurations.map(({ name, adapter }) => {
    if (name !== undefined) return name;
    const plain = adapterName(adapter);
    let free = plain;
    for (let number = 2; taken.has(free); number++) free = `${plain} (${number})`;
    taken.add(free);
    return free;
  });
};

/** `LoRA and NoRA on moby-dick`. */
export const suggestName = (configurations: readonly DraftConfiguration[], dataset = 'data'): string => {
  const titles = [...new Set(configurations.map(({ adapter }) => methodTitle(adapter.method)))];
  return `${titles.length === 0 ? 'Nothing' : titles.join(' and ')} on ${dataset}`;
};

export const toConfigurations = (
  configurations: readonly DraftConfiguration[],
): ExperimentDefinitionInput['configurations'] => {
  const names = configurationNames(configurations);
  return configurations.map(({ adapter, learningRate, training }, index) => {
    const overrides = { ...training, ...(learningRate !== null && { learningRate }) };
    return {
      name: names[index] ?? '',
      adapter,
      ...(Object.keys(overrides).length > 0 && { training: overrides }),
    };
  });
};

/** How the runs train, with what follows from the rest filled in. */
export const trainingOf = (
  draft: Draft,
  dataset: Dataset | undefined,
  model: Model | undefined,
): TrainingSettings => ({
  ...draft.training,
  pictures: picturesOf(draft, dataset, model),
  diffusion: diffusionOf(draft, model),
  evaluateEvery: draft.evaluateEvery ?? usualInterval(draft, dataset),
});

/** What is said of pictures that are compared means nothing for texts, and for a model that draws. */
export const picturesOf = (
  { training: { pictures } }: Draft,
  dataset: Dataset | undefined,
  model: Model | undefined,
): TrainingSettings['pictures'] => {
  if (draws(model)) return null;
  if (dataset === undefined) return pictures;
  return dataset.format.kind === 'pictures' ? (pictures ?? usualPictures(dataset)) : null;
};

/** What is said of drawing means nothing for a model that doesn't. */
export const diffusionOf = (
  { training: { diffusion } }: Draft,
  model: Model | undefined,
): TrainingSettings['diffusion'] => {
  if (model === undefined) return diffusion;
  return draws(model) ? (diffusion ?? usualDiffusion(model)) : null;
};

export const toDefinition = (
  draft: Draft,
  fallbackName: string,
  dataset: Dataset | undefined,
  model: Model | undefined,
): ExperimentDefinitionInput => ({
  version: 1,
  name: draft.name ?? fallbackName,
  model: draft.model,
  dataset: draft.dataset,
  seed: draft.seed,
  date: draft.date,
  validationFraction: draft.validationFraction,
  training: trainingOf(draft, dataset, model),
  ...(draft.heldOut && { heldOut: draft.heldOut }),
  configurations: toConfigurations(draft.configurations),
});
