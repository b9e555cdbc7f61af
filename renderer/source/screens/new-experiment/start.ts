import { adapterSettingsSchema, designSpace } from '../../../../main/api/contract.ts';
import type { Dataset, Experiment, ExperimentDefinition, Model } from '../../../../main/api/contract.ts';
import { belongTogether } from '../../format/model.ts';
import { draftOf, draftOfDefinition, newDraft, usualConfiguration } from './draft.ts';
import type { Draft, DraftConfiguration } from './draft.ts';
import { resized } from './equal-size.ts';
import type { DraftOrigin } from './kept-draft.ts';

interface Library {
  readonly models: readonly Model[];
  readonly datasets: readonly Dataset[];
  /** What is to be duplicated. */
  readonly copied: Experiment | null;
}

/** What the address asks for: a copy, or a new one of a model and data that belong together. */
export const draftToStartFrom = (
  { model, data, method }: DraftOrigin,
  { models, datasets, copied }: Library,
): Draft => {
  if (copied !== null) return draftOf(copied);
  const askedData = datasets.find(({ id }) => id === data);
  const chosenModel =
    models.find(({ id }) => id === model) ??
    models.find((known) => askedData === undefined || belongTogether(known, askedData)) ??
    models[0];
  const chosenData =
    askedData ??
    datasets.find((known) => chosenModel === undefined || belongTogether(chosenModel, known)) ??
    datasets[0];
  const draft = newDraft(chosenModel, chosenData?.id ?? '');
  return method === undefined ? draft : withMethod(draft, method, chosenModel);
};

/** A method of the design space beside a LoRA as large; LoRA itself beside what a draft has anyway. */
const withMethod = (draft: Draft, id: string, model: Model | undefined): Draft => {
  const chosen = configurationOf(id, model);
  if (chosen === undefined || chosen.adapter.method === 'lora') return draft;
  const lora = { ...usualConfiguration('lora', model), equalTo: chosen.key };
  return { ...draft, configurations: resized([lora, chosen], model) };
};

/** A configuration of a method of the design space, at usual settings; undefined for an address that names none. */
const configurationOf = (id: string, model: Model | undefined): DraftConfiguration | undefined => {
  const row = designSpace().find((known) => known.id === id);
  if (row === undefined) return undefined;
  const usual = usualConfiguration(row.method, model);
  return { ...usual, adapter: adapterSettingsSchema.parse({ ...usual.adapter, ...row.settings }) };
};

/** The method as one more configuration of a draft that is there. */
export const addMethod = (draft: Draft, id: string, model: Model | undefined): Draft => {
  const chosen = configurationOf(id, model);
  return chosen === undefined ? draft : { ...draft, configurations: [...draft.configurations, chosen] };
};

const named = <T extends { id: string; name: string }>(list: readonly T[], wanted: string): T | undefined =>
  list.find(({ id }) => id === wanted) ?? list.find(({ name }) => name === wanted);

/** A definition from elsewhere, on this library: what it does not have is to be chosen, and said. */
export const openedDefinition = (
  definition: ExperimentDefinition,
  { models, datasets }: Pick<Library, 'models' | 'datasets'>,
): { draft: Draft; notice: string | undefined } => {
  const model = named(models, definition.model);
  const dataset = named(datasets, definition.dataset);
  const missing = [
    ...(model === undefined ? [`a model “${definition.model}”`] : []),
    ...(dataset === undefined ? [`data “${definition.dataset}”`] : []),
  ];
  return {
    draft: { ...draftOfDefinition(definition), model: model?.id ?? '', dataset: dataset?.id ?? '' },
    notice:
      missing.length === 0
        ? undefined
        : `It names ${missing.join(' and ')}, which the library does not have.`,
  };
};
