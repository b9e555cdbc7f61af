import type { LayerPlace, Model } from '../../../../main/api/contract.ts';
import { createResource } from '../../state/resource.svelte.ts';
import type { WorkbenchState } from '../../state/workbench.svelte.ts';

export interface ModelLayers {
  /** By their paths; undefined until they are known. */
  readonly layers: readonly LayerPlace[] | undefined;
}

/** The layers of a model that is chosen, asked for once for each. */
export const createModelLayers = (
  { client }: Pick<WorkbenchState, 'client'>,
  modelId: () => string | undefined,
): ModelLayers => {
  const id = $derived(modelId());
  const known = createResource(async () => {
    const asked = id;
    return { asked, layers: asked === undefined ? [] : await client.call('models.layers', { id: asked }) };
  });
  $effect(() => {
    if (id !== undefined) void known.refresh();
  });
  const layers = $derived(known.value?.asked === id && id !== undefined ? known.value?.layers : undefined);
  return {
    get layers() {
      return layers;
    },
  };
};

/**
 * The model with a group for each layer, called by its path: regular expressions and numbers of layers are of paths, so whoever counts what an
 * adapter trains asks this one.
 */
export const withPlaces = (model: Model, layers: readonly LayerPlace[] | undefined): Model =>
  layers === undefined || layers.length === 0
    ? model
    : {
        ...model,
        targetModules: layers.map(({ module, outFeatures, inFeatures, role }) => ({
          name: module,
          count: 1,
          outFeatures,
          inFeatures,
          ...(role !== undefined && { role }),
        })),
      };
