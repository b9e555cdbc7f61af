import type { OpenedAdapter, SavedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { invalidInput } from '../../engine/errors.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { lacksHead, withHead, withNewNames } from '../../engine/models/classifier/classifier-folder.ts';
import { readModel, type Model } from '../../engine/models/model.ts';

/** The base as the run saw it: a classifier with the classes of its data, and with a head where the folder has none. */
export const openTrained = (directory: string, { classes, files }: OpenedAdapter): Model => {
  const folder = openModelFolder(directory);
  if (!classes) return readModel(folder);
  return readModel(lacksHead(folder) ? withHead(folder, classes, files) : withNewNames(folder, classes));
};

/** @throws WorkbenchError where the adapter sits on layers that the model does not have */
export const checkBelongs = (
  model: Model,
  saved: SavedAdapter,
  {
    adapterDirectory,
    modelDirectory,
  }: { readonly adapterDirectory: string; readonly modelDirectory: string },
): void => {
  const sizes = new Map(model.targetLayers.map((layer) => [layer.module, layer]));
  for (const { module, outFeatures, inFeatures } of saved.layers) {
    const layer = sizes.get(module);
    if (layer?.outFeatures !== outFeatures || layer.inFeatures !== inFeatures)
      throw invalidInput(
        `${adapterDirectory}: the adapter sits on ${module} (${outFeatures} x ${inFeatures}), which ${modelDirectory} does not have`,
      );
  }
};
