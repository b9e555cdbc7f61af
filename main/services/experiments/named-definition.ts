import type { Store } from '../../store/store.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import type { ExperimentDefinition } from '../shared/experiment-definition.ts';

/**
 * A definition as it can be handed on: the model and the data by their names, which another library may know.
 * @throws not-found where this one does not know them
 */
export const namedDefinition = (store: Store, definition: ExperimentDefinition): ExperimentDefinition => ({
  ...definition,
  model: findModel(store, definition.model).name,
  dataset: findDataset(store, definition.dataset).name,
});
