import {
  adapterMethods,
  adapterSettingsSchema,
  lengthUnits,
  trainingFields,
  trainingOverridesSchema,
} from '../../../../main/api/contract.ts';
import type {
  AdapterMethod,
  AdapterSettings,
  Dataset,
  Model,
  TrainingSettings,
} from '../../../../main/api/contract.ts';
import { createKeptValue } from '../../state/kept-value.ts';
import { newDraft, nextKey } from './draft.ts';
import type { Draft, DraftConfiguration } from './draft.ts';

/** Goes up when an older draft can't be understood field by field any more. */
const version = 1;

/** What the form was opened with: a draft is the one of the same address, or of whatever was left last. */
export type DraftOrigin = Readonly<Record<'from' | 'model' | 'data' | 'method', string | undefined>>;

const kept = createKeptValue('draft: experiment');
const originText = ({ from = '', model = '', data = '', method = '' }: DraftOrigin): string =>
  [from, model, data, method].join(' ').trim();

export const keepDraft = (draft: Draft, origin: DraftOrigin): void =>
  kept.keep({ version, origin: originText(origin), draft });

export const discardDraft = (): void => kept.discard();

/** The draft that was left, as far as it still means something: whoever wrote it may have been another version of the program. */
export const openDraft = (
  origin: DraftOrigin,
  models: readonly Model[],
  datasets: readonly Dataset[],
): Draft | undefined => {
  const stored = kept.read();
  if (!isObject(stored) || stored['version'] !== version || !isObject(stored['draft'])) return undefined;
  const asked = originText(origin);
  return asked === '' || asked === stored['origin']
    ? readDraft(stored['draft'], models, datasets)
    : undefined;
};

/** The draft that was left, whatever it was begun from. */
export const openAnyDraft = (models: readonly Model[], datasets: readonly Dataset[]): Draft | undefined =>
  openDraft({ from: undefined, model: undefined, data: undefined, method: undefined }, models, datasets);

type Stored = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A number stays as it was typed, right or wrong: the form says what is wrong with it. */
const isLike = (value: unknown, usual: unknown): boolean =>
  typeof value === 'number' && typeof usual === 'number';

/** The fields of a schema that are stored and still allowed, in place of the usual ones. */
const understood = <T extends object>(
  stored: unknown,
  usual: T,
  shape: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>>,
): T => {
  if (!isObject(stored)) return usual;
  const taken = Object.keys(shape).filter(
    (field) =>
      field in stored &&
      (isLike(stored[field], (usual as Stored)[field]) || shape[field]!.safeParse(stored[field]).success),
  );
  return { ...usual, ...Object.fromEntries(taken.map((field) => [field, stored[field]])) };
};

const readTraining = (stored: unknown, usual: TrainingSettings): TrainingSettings => {
  const { steps: _, ...others } = usual;
  const read = understood(stored, others as TrainingSettings, trainingFields.shape);
  const hasLength = lengthUnits.some((unit) => read[unit] !== undefined);
  return hasLength ? read : { ...read, steps: usual.steps };
};

const isMethod = (method: unknown): method is AdapterMethod =>
  typeof method === 'string' && Object.hasOwn(adapterMethods, method);

const readConfiguration = (stored: unknown): DraftConfiguration[] => {
  if (!isObject(stored) || !isObject(stored['adapter']) || !isMethod(stored['adapter']['method'])) return [];
  const { adapter, key, name, learningRate, equalTo, training } = stored;
  const { method } = adapter as { method: AdapterMethod };
  const usual = adapterSettingsSchema.parse({ method });
  const overrides = trainingOverridesSchema.safeParse(training ?? {});
  return [
    {
      key: typeof key === 'number' ? key : nextKey(),
      name: typeof name === 'string' ? name : undefined,
      adapter: understood<AdapterSettings>(adapter, usual, adapterMethods[method].schema.shape),
      learningRate: typeof learningRate === 'number' ? learningRate : null,
      equalTo: typeof equalTo === 'number' ? equalTo : undefined,
      ...(overrides.success && { training: overrides.data }),
    },
  ];
};

/** Keys of this window in place of those of the one that wrote the draft. */
const withNewKeys = (configurations: readonly DraftConfiguration[]): DraftConfiguration[] => {
  const keys = new Map(configurations.map(({ key }) => [key, nextKey()]));
  return configurations.map((configuration) => ({
    ...configuration,
    key: keys.get(configuration.key)!,
    equalTo: configuration.equalTo === undefined ? undefined : keys.get(configuration.equalTo),
  }));
};

const readDraft = (stored: Stored, models: readonly Model[], datasets: readonly Dataset[]): Draft => {
  const { name, model, dataset, seed, date, validationFraction, evaluateEvery, configurations } = stored;
  const usual = newDraft(undefined, '');
  return {
    name: typeof name === 'string' ? name : undefined,
    // One that is gone has to be chosen anew.
    model: models.find(({ id }) => id === model)?.id ?? '',
    dataset: datasets.find(({ id }) => id === dataset)?.id ?? '',
    seed: typeof seed === 'number' ? seed : usual.seed,
    date: typeof date === 'string' ? date : usual.date,
    validationFraction:
      typeof validationFraction === 'number' ? validationFraction : usual.validationFraction,
    training: readTraining(stored['training'], usual.training),
    evaluateEvery: typeof evaluateEvery === 'number' ? evaluateEvery : undefined,
    ...(isObject(stored['heldOut']) && { heldOut: stored['heldOut'] as NonNullable<Draft['heldOut']> }),
    configurations: withNewKeys(
      Array.isArray(configurations) ? configurations.flatMap(readConfiguration) : [],
    ),
  };
};
