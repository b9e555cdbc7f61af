import type { SavedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { invalidInput } from '../../engine/errors.ts';
import type { Model } from '../../engine/models/model.ts';

/** @throws WorkbenchError where an adapter sits on a layer that the model lacks, or has in another size */
export const assertBelongs = (
  { targetLayers }: Pick<Model, 'targetLayers'>,
  { layers }: Pick<SavedAdapter, 'layers'>,
  {
    adapterDirectory,
    modelDirectory,
  }: { readonly adapterDirectory: string; readonly modelDirectory: string },
): void => {
  const sizes = new Map(targetLayers.map((layer) => [layer.module, layer]));
  for (const { module, outFeatures, inFeatures } of layers) {
    const layer = sizes.get(module);
    if (layer?.outFeatures !== outFeatures || layer.inFeatures !== inFeatures)
      throw invalidInput(
        `${adapterDirectory}: the adapter sits on ${module} (${outFeatures} x ${inFeatures}), which ${modelDirectory} does not have`,
      );
  }
};
