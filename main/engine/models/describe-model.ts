import type { ModelFolder } from '../formats/model-folder.ts';
import { countParameters, targetName } from './model.ts';
import { describedModel, headModuleOf, newHeadModules } from './classifier-folder.ts';

/** What lists and forms show of a model. */
export interface ModelDescription {
  readonly architecture: string;
  readonly parameters: number;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly maximumPositions: number;
  readonly classifier: {
    readonly classNames: string[] | null;
    readonly headModules: string[];
    readonly newModules: string[];
  } | null;
  readonly targetModules: { name: string; count: number; outFeatures: number; inFeatures: number }[];
}

export const describeModel = (folder: ModelFolder): ModelDescription => {
  const { architecture, linearLayers, weightShapes, tensors } = describedModel(folder);
  const targets = new Map<string, ModelDescription['targetModules'][number]>();
  for (const layer of linearLayers) {
    const { outFeatures, inFeatures } = layer;
    const name = targetName(layer);
    const known = targets.get(name);
    targets.set(name, { name, count: (known?.count ?? 0) + 1, outFeatures, inFeatures });
  }
  const isThere = ([name]: readonly [string, unknown]): boolean => tensors.get(name)?.file !== '';
  const parameters = countParameters(new Map([...weightShapes].filter(isThere)));
  const { name, layers, hiddenSize, vocabularySize, maximumPositions, classifier } = architecture;
  return {
    architecture: name,
    parameters,
    layers,
    hiddenSize,
    vocabularySize,
    maximumPositions,
    classifier: classifier
      ? {
          classNames: classifier.classNames && [...classifier.classNames],
          headModules: [headModuleOf(classifier.headModules.at(-1) as string)],
          newModules: newHeadModules(folder),
        }
      : null,
    targetModules: [...targets.values()],
  };
};
