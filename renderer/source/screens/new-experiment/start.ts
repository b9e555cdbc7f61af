import type { Dataset, Experiment, ExperimentDefinition, Model } from '../../../../main/api/contract.ts';
import { belongTogether } from '../../format/model.ts';
import { draftOf, draftOfDefinition, newDraft } from './draft.ts';
import type { Draft } from './draft.ts';
import type { DraftOrigin } from './kept-draft.ts';

interface Library {
  readonly models: readonly Model[];
  readonly datasets: readonly Dataset[];
  /** What is to be duplicated. */
  readonly copied: Experiment | null;
}

/** What the address asks for: a copy, or a new one of a model and data that belong together. */
export const draftToStartFrom = (
  { model, data }: DraftOrigin,
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
  return newDraft(chosenModel, chosenData?.id ?? '');
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
