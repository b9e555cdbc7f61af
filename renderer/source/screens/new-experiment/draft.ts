import { adapterSettingsSchema, trainingSettingsSchema } from '../../../../main/api/contract.ts';
import type {
  AdapterMethod,
  AdapterSettings,
  Experiment,
  ExperimentDefinitionInput,
  Model,
  TrainingSettings,
} from '../../../../main/api/contract.ts';
import { largestRank, methodNames, narrowestModule, shortName } from '../../format/adapter.ts';

/** One card of the form. */
export interface DraftConfiguration {
  /** Keeps a card itself while others come and go. */
  key: number;
  /** Undefined as long as the name follows from the settings. */
  name: string | undefined;
  adapter: AdapterSettings;
  learningRate: number | null;
}

/** What the form edits. Numbers are NaN while what is typed is none. */
export interface Draft {
  /** Undefined as long as the name follows from the data. */
  name: string | undefined;
  model: string;
  dataset: string;
  seed: number;
  validationFraction: number;
  training: TrainingSettings;
  configurations: DraftConfiguration[];
}

let lastKey = 0;
const nextKey = (): number => ++lastKey;

/**
 * The schema's defaults, with ranks that the model's smallest layer allows. The form offers the fast decomposition first; files
 * without a word on it mean the exact one, as they did before there was another.
 */
export function defaultConfiguration(method: AdapterMethod, model: Model | undefined): DraftConfiguration {
  const decomposition = method === 'nora' ? { decomposition: 'randomized' } : {};
  const adapter = adapterSettingsSchema.parse({ method, ...decomposition });
  return { key: nextKey(), name: undefined, adapter: fitToModel(adapter, model), learningRate: null };
}

/** Lowers a rank that is too large for the model, but only where it is still the default: nobody chose it. */
export function fitToModel(adapter: AdapterSettings, model: Model | undefined): AdapterSettings {
  const narrowest = model && narrowestModule(model, adapter);
  if (narrowest === undefined) return adapter;
  const limit = largestRank(narrowest);
  const defaults = adapterSettingsSchema.parse({ method: adapter.method });
  const fit = (rank: number, preset: number): number => (rank === preset ? Math.min(rank, limit) : rank);
  if (adapter.method === 'lora' && defaults.method === 'lora')
    return { ...adapter, rank: fit(adapter.rank, defaults.rank) };
  if (adapter.method === 'nora' && defaults.method === 'nora') {
    return {
      ...adapter,
      outerRank: fit(adapter.outerRank, defaults.outerRank),
      innerRank: fit(adapter.innerRank, defaults.innerRank),
    };
  }
  return adapter;
}

export const copyConfiguration = (configuration: DraftConfiguration): DraftConfiguration => ({
  ...structuredClone(configuration),
  key: nextKey(),
  name: undefined,
});

export const newDraft = (model: Model | undefined, dataset: string): Draft => ({
  name: undefined,
  model: model?.id ?? '',
  dataset,
  seed: 0,
  validationFraction: 0.1,
  training: trainingSettingsSchema.parse({}),
  configurations: [defaultConfiguration('lora', model), defaultConfiguration('nora', model)],
});

/** The same again, to change something. */
export const draftOf = ({ definition, modelId, datasetId }: Experiment): Draft => ({
  ...structuredClone(definition),
  name: `${definition.name} (copy)`,
  model: modelId,
  dataset: datasetId,
  configurations: definition.configurations.map((configuration) => ({
    key: nextKey(),
    name: configuration.name,
    adapter: structuredClone(configuration.adapter),
    learningRate: configuration.learningRate ?? null,
  })),
});

/** Every configuration's name: its own, or one that follows from its settings and is not taken. */
export function configurationNames(configurations: readonly DraftConfiguration[]): string[] {
  const taken = new Set(configurations.flatMap(({ name }) => name ?? []));
  return configurations.map(({ name, adapter }) => {
    if (name !== undefined) return name;
    const plain = shortName(adapter);
    let free = plain;
    for (let number = 2; taken.has(free); number++) free = `${plain} (${number})`;
    taken.add(free);
    return free;
  });
}

/** `LoRA and NoRA on moby-dick`. */
export function suggestName(configurations: readonly DraftConfiguration[], dataset = 'data'): string {
  const methods = [...new Set(configurations.map(({ adapter }) => methodNames[adapter.method]))];
  return `${methods.length === 0 ? 'Nothing' : methods.join(' and ')} on ${dataset}`;
}

export function toDefinition(draft: Draft, fallbackName: string): ExperimentDefinitionInput {
  const names = configurationNames(draft.configurations);
  return {
    version: 1,
    name: draft.name ?? fallbackName,
    model: draft.model,
    dataset: draft.dataset,
    seed: draft.seed,
    validationFraction: draft.validationFraction,
    training: draft.training,
    configurations: draft.configurations.map(({ adapter, learningRate }, index) => ({
      name: names[index] ?? '',
      adapter,
      ...(learningRate !== null && { learningRate }),
    })),
  };
}
