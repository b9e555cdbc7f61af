import { isSavedWhole } from '../adapters/layer/target-modules.ts';
import { WorkbenchError } from '../errors.ts';
import type { SafetensorsHeader } from '../formats/safetensors-header.ts';
import { readTensorFloat32, readTensorRaw } from '../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../formats/safetensors-writer.ts';
import { moduleOfWeight } from '../models/architecture.ts';
import { peftPrefix } from './folder.ts';

/** A weight of the base model that was trained whole (PEFT's modules_to_save). */
export interface SavedWeight {
  /** As in the base model: 'lm_head.weight'. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const endsSo = (name: string, module: string): boolean => module.endsWith(name);

/**
 * Whether PEFT trains a weight whole. It takes modules_to_save by the ends of names, letter by letter: `norm` is input_layernorm too
 * (peft.utils.other._set_trainable). What it leaves out of the targets for that reason it takes by whole names, as the workbench does
 * for both (peft.tuners.tuners_utils.check_target_module_exists).
 * @param weight by the base model's name
 */
export const isSavedByPeft = (modulesToSave: readonly string[], weight: string): boolean =>
  isSavedWhole(modulesToSave, moduleOfWeight(weight), endsSo);

/** Embeddings and heads, which PEFT saves beside an adapter where the vocabulary grew, or where it is told to, and loads whatever they are. */
const tableOfTokens = /(^|\.)(embed_tokens|lm_head|wte|word_embeddings)\.weight$/;

/** The base's own weight in a wrapper of PEFT's. */
const baseWeight = /\.(base_layer|original_module)\.(weight|bias)$/;
/** The trained one, which is there under the module's name as well where PEFT saved all that an embedding holds. */
const wrappedWeight = /\.modules_to_save\.(weight|bias)$/;

const isRepeated = (header: SafetensorsHeader, key: string): boolean => {
  if (baseWeight.test(key)) return true;
  const plain = key.replace(wrappedWeight, '.$1');
  if (plain === key || !header.tensors.has(plain)) return false;
  if (Buffer.compare(readTensorRaw(header, key), readTensorRaw(header, plain)) === 0) return true;
  throw new WorkbenchError(
    'unsupported',
    `${header.path}: ${key} and ${plain} should hold the same, and do not`,
  );
};

/**
 * The base model's weights among a file's tensors; what a wrapper repeats of them is left out.
 * @param isPart whether a tensor is the adapter's own
 * @throws unsupported for a tensor that is neither
 */
const weightKeys = (
  header: SafetensorsHeader,
  modulesToSave: readonly string[],
  isPart: (key: string) => boolean,
): string[] =>
  [...header.tensors.keys()].filter((key) => {
    if (isPart(key) || isRepeated(header, key)) return false;
    const name = key.slice(peftPrefix.length);
    const isKnown = tableOfTokens.test(name) || isSavedByPeft(modulesToSave, name);
    if (key.startsWith(peftPrefix) && isKnown) return true;
    const saved =
      modulesToSave.length === 0
        ? ''
        : `, and modules_to_save (${modulesToSave.join(', ')}) does not name it`;
    throw new WorkbenchError(
      'unsupported',
      `${header.path}: tensor ${key}: no part of the adapter on a layer${saved}`,
    );
  });

/** The weights of modules that were trained whole, and of embeddings and heads that were saved beside. */
export const readSavedWeights = (
  header: SafetensorsHeader,
  modulesToSave: readonly string[],
  isPart: (key: string) => boolean,
): SavedWeight[] =>
  weightKeys(header, modulesToSave, isPart).map((key) => ({
    name: key.slice(peftPrefix.length),
    shape: header.tensors.get(key)!.shape,
    data: readTensorFloat32(header, key),
  }));

export const savedWeightTensors = (weights: readonly SavedWeight[]): TensorToWrite[] =>
  weights.map(({ name, shape, data }) => ({
    name: `${peftPrefix}${name}`,
    dtype: 'F32',
    shape: [...shape],
    data,
  }));
