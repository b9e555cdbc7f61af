import { WorkbenchError } from '../errors.ts';
import { isSavedByPeft, type SavedWeight } from './saved-weights.ts';
import { moduleOfWeight, weightName, type LinearLayer } from '../models/architecture.ts';

/** Of a weight that is trained whole for two modules, PEFT's file has a copy under each one's name. */
export const withTiedCopies = (
  weights: readonly SavedWeight[],
  layers: readonly LinearLayer[],
): SavedWeight[] =>
  weights.flatMap((weight) => [
    weight,
    ...layers
      .filter((layer) => layer.weight === weight.name)
      .map(({ module }) => ({ ...weight, name: `${module}.weight` })),
  ]);

/** The weights of a file without such copies. */
export const withoutTiedCopies = (
  weights: readonly SavedWeight[],
  layers: readonly LinearLayer[],
): SavedWeight[] => {
  const copies = new Set(
    layers.filter(({ weight }) => weight !== undefined).map(({ module }) => `${module}.weight`),
  );
  return weights.filter(({ name }) => !copies.has(name));
};

const isEqual = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

/** What a file trains: modules by an adapter, and others whole. */
interface TrainedParts {
  /** ensure_weight_tying: what is trained of a weight that two modules share is trained for both. */
  readonly tiesWeights: boolean;
  readonly modules: readonly { readonly module: string }[];
  readonly modulesToSave: readonly string[];
  readonly savedWeights: readonly SavedWeight[];
}

/**
 * Of a weight that two modules share, PEFT trains each module's part by itself unless ensure_weight_tying is set. An adapter of one
 * of them is that here too; a weight that is trained whole is one for both here.
 * @throws unsupported where the file means the other of the two
 */
export const checkTying = (
  { tiesWeights, modules, modulesToSave, savedWeights }: TrainedParts,
  layers: readonly LinearLayer[],
): void => {
  const place = 'adapter_config.json: ensure_weight_tying';
  for (const layer of layers) {
    if (layer.weight === undefined) continue;
    const pair = [moduleOfWeight(layer.weight), layer.module];
    const names = pair.join(' and ');
    if (tiesWeights && modules.some(({ module }) => pair.includes(module)))
      throw new WorkbenchError(
        'unsupported',
        `${place}: one adapter for ${names} together is not supported; only one for each of them is`,
      );
    const held = savedWeights.filter(({ name }) => pair.includes(moduleOfWeight(name)));
    // What modules_to_save does not name was saved beside the adapter and not trained: one weight, twice.
    const isOne = held.length === 2 && held.every(({ data }) => isEqual(data, held[0]!.data));
    const isBeside = isOne && !held.some(({ name }) => isSavedByPeft(modulesToSave, name));
    if (!tiesWeights && held.length > 0 && !isBeside)
      throw new WorkbenchError(
        'unsupported',
        `${place} is not set, so ${names} were trained apart, but they are one weight in this model (${weightName(layer)})`,
      );
  }
};
