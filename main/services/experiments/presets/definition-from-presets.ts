import { checked } from '../../../engine/problems.ts';
import type { Store } from '../../../store/store.ts';
import { findDataset } from '../../library/datasets.ts';
import { findModel } from '../../library/models.ts';
import { experimentDefinitionSchema, type ExperimentDefinition } from '../../shared/experiment-definition.ts';
import type { MethodParamsParsed } from '../../shared/methods.ts';
import { findPreset } from './index.ts';
import { spellOutPresets } from './spell-out-presets.ts';

/**
 * A definition of presets for a model and data, complete.
 * @throws WorkbenchError for a preset, model or dataset that there is not
 */
export const definitionFromPresets = (
  store: Store,
  { presets, model: modelId, dataset: datasetId, shots, seed }: MethodParamsParsed<'experiments.fromPreset'>,
): ExperimentDefinition => {
  const [model, dataset] = [findModel(store, modelId), findDataset(store, datasetId)];
  const titles = presets.map((name) => findPreset(name).title);
  const given = {
    version: 1,
    name: `${titles[0]!}${titles.length > 1 ? ` and ${titles.length - 1} more` : ''} on ${dataset.name}`.slice(
      0,
      200,
    ),
    preset: presets,
    model: model.name,
    dataset: dataset.name,
    seed,
    training: shots === undefined ? {} : { pictures: { shots } },
  };
  return checked(experimentDefinitionSchema, spellOutPresets(given, 'configurations'), 'preset');
};
