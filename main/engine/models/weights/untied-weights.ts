import { readText, withTopLevelFlag } from '../../formats/json-text.ts';
import { pathIn } from '../../formats/path-in.ts';
import { weightName, type LinearLayer } from '../architecture.ts';
import type { Model } from '../model.ts';

/** A module that gets a weight of its own in a model's files, where it had another's. */
export interface UntiedWeight {
  readonly layer: LinearLayer;
  /** Of the new tensor. */
  readonly name: string;
  /** Of the tensor that it had, as the files name it. */
  readonly like: string;
}

/**
 * The heads that are tied to an embedding, where the two come apart: an adapter that sits on one of them does not change the other.
 * None where the adapter sits on neither.
 */
export const untiedWeights = (
  { targetLayers, nameOfFile }: Model,
  adapted: readonly LinearLayer[],
): UntiedWeight[] => {
  const changed = new Set(adapted.map(weightName));
  const fileNames = new Map([...nameOfFile].map(([file, name]) => [name, file]));
  return targetLayers.flatMap((layer) =>
    layer.weight !== undefined && changed.has(layer.weight)
      ? [{ layer, name: `${layer.module}.weight`, like: fileNames.get(layer.weight) as string }]
      : [],
  );
};

/** config.json of the model once they have: its text, in which every other number stays written as it is. */
export const untiedConfig = ({ folder }: Model): string =>
  withTopLevelFlag(readText(pathIn(folder.directory, 'config.json')), 'tie_word_embeddings', false);
