import type { ModelFolder } from '../formats/model-folder.ts';
import type { ObjectiveName } from '../objective-names.ts';
import { targetName, type LayerGroup } from './architecture.ts';
import { drawnSidesOf, type DrawnSides } from './drawn-sides.ts';
import { countParameters } from './model.ts';
import { describedModel, headModuleOf, newHeadModules } from './classifier/classifier-folder.ts';

/** What lists and forms show of a model. */
export interface ModelDescription {
  readonly architecture: string;
  readonly objective: ObjectiveName;
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
  /** Of a model that draws pictures; null for others. */
  readonly drawnSides: DrawnSides | null;
  /** Hidden ones first, then embeddings and the head, which are targets only by their names. */
  readonly targetModules: LayerGroup[];
  /** What a person should know of its files. */
  readonly notices: string[];
}

export const describeModel = (folder: ModelFolder): ModelDescription => {
  const model = describedModel(folder);
  const { architecture, linearLayers, targetLayers, weightShapes, tensors, notices } = model;
  const targets = new Map<string, LayerGroup>();
  for (const layer of new Set([...linearLayers, ...targetLayers])) {
    const { outFeatures, inFeatures, role } = layer;
    const name = targetName(layer);
    const key = `${name} ${outFeatures}x${inFeatures}`;
    const count = (targets.get(key)?.count ?? 0) + 1;
    targets.set(key, { name, count, outFeatures, inFeatures, ...(role ? { role } : {}) });
  }
  const isThere = ([name]: readonly [string, unknown]): boolean => tensors.get(name)?.file !== '';
  const parameters = countParameters(new Map([...weightShapes].filter(isThere)));
  const { name, objective, layers, hiddenSize, vocabularySize, maximumPositions, classifier } = architecture;
  return {
    architecture: name,
    objective,
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
    drawnSides: drawnSidesOf(model),
    targetModules: [...targets.values()],
    notices: [...notices],
  };
};
