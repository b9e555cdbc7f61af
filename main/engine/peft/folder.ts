import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from '../formats/atomic-file.ts';
import type { WriteDirectoryOptions } from '../formats/atomic-file.ts';
import { readJsonObject } from '../formats/json-text.ts';
import { refuseForeignSettings } from './settings.ts';
import { readSafetensorsHeader } from '../formats/safetensors-header.ts';
import type { SafetensorsHeader } from '../formats/safetensors-header.ts';
import { readTensorFloat32, readTensorRaw } from '../formats/safetensors-reader.ts';
import { writeSafetensors } from '../formats/safetensors-writer.ts';
import type { TensorToWrite } from '../formats/safetensors-writer.ts';

/** An adapter folder as PEFT's save_pretrained writes it, whatever its peft_type. */
export interface PeftFolder {
  /** Of adapter_config.json, for errors. */
  readonly configPath: string;
  /** adapter_config.json as it stands. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly header: SafetensorsHeader;
}

/** A weight of the base model that was trained whole (PEFT's modules_to_save). */
export interface SavedWeight {
  /** As in the base model: 'lm_head.weight'. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What goes into the two files. */
export interface PeftContents {
  /** adapter_config.json: keys are sorted, as PEFT sorts them. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly TensorToWrite[];
  /** Of the safetensors file besides {"format": "pt"}. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly extraFiles?: readonly { readonly name: string; readonly contents: string | Uint8Array }[];
}

/** PEFT's methods that are read and written. */
export const peftTypes = ['LORA', 'VERA', 'ADALORA'] as const;
export type PeftType = (typeof peftTypes)[number];

export const peftConfigFile = 'adapter_config.json';
export const peftWeightsFile = 'adapter_model.safetensors';
/** Before the base model's own name of whatever an adapter has at a module. */
export const peftPrefix = 'base_model.model.';

/**
 * Opens an adapter folder; reads headers only.
 * @throws WorkbenchError naming the file; 'unsupported' for pickled weights, and for settings that change what an adapter computes in
 *   ways that are not known here
 */
export const openPeftFolder = (directory: string): PeftFolder => {
  const configPath = join(directory, peftConfigFile);
  if (!existsSync(configPath) && existsSync(join(directory, 'config.json')))
    throw new WorkbenchError(
      'invalid-input',
      `${directory}: is a model's folder, not an adapter's: it has config.json and no ${peftConfigFile}`,
    );
  const config = readJsonObject(configPath);
  const type = String(config['peft_type']);
  if (!(peftTypes as readonly string[]).includes(type))
    throw new WorkbenchError(
      'unsupported',
      `${configPath}: peft_type is ${type}; ${peftTypes.join(', ')} adapters can be read`,
    );
  refuseForeignSettings(config, configPath);
  const weights = join(directory, peftWeightsFile);
  const pickled = join(directory, 'adapter_model.bin');
  if (!existsSync(weights) && existsSync(pickled))
    throw new WorkbenchError(
      'unsupported',
      `${pickled}: pickled weights can run programs and are not read; load the adapter with PEFT and save it again, which writes ${peftWeightsFile}`,
    );
  return { configPath, config, header: readSafetensorsHeader(weights) };
};

/**
 * Whether a weight belongs to a module that is trained whole. PEFT takes modules_to_save by the ends of names, letter by letter:
 * `norm` is input_layernorm too (peft.utils.other._set_trainable).
 * @param weight by the base model's name
 */
export const isSavedWhole = (modulesToSave: readonly string[], weight: string): boolean => {
  const parts = weight.split('.').slice(0, -1);
  const around = parts.map((_, at) => parts.slice(0, at + 1).join('.'));
  return around.some((module) => modulesToSave.some((name) => module.endsWith(name)));
};

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
export const weightKeys = (
  header: SafetensorsHeader,
  modulesToSave: readonly string[],
  isPart: (key: string) => boolean,
): string[] =>
  [...header.tensors.keys()].filter((key) => {
    if (isPart(key) || isRepeated(header, key)) return false;
    const name = key.slice(peftPrefix.length);
    const isKnown = tableOfTokens.test(name) || isSavedWhole(modulesToSave, name);
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

/** Tensors of base weights, by the base model's names. */
export const readWeights = (header: SafetensorsHeader, keys: readonly string[]): SavedWeight[] =>
  keys.map((key) => ({
    name: key.slice(peftPrefix.length),
    shape: header.tensors.get(key)!.shape,
    data: readTensorFloat32(header, key),
  }));

/** The weights of modules that were trained whole, and of embeddings and heads that were saved beside. */
export const readSavedWeights = (
  header: SafetensorsHeader,
  modulesToSave: readonly string[],
  isPart: (key: string) => boolean,
): SavedWeight[] => readWeights(header, weightKeys(header, modulesToSave, isPart));

export const savedWeightTensors = (weights: readonly SavedWeight[]): TensorToWrite[] =>
  weights.map(({ name, shape, data }) => ({
    name: `${peftPrefix}${name}`,
    dtype: 'F32',
    shape: [...shape],
    data,
  }));

const byName = (a: TensorToWrite, b: TensorToWrite): number => (a.name < b.name ? -1 : 1);
const sortedKeys = (config: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Writes an adapter folder whole or not at all, tensors in the order of their names. */
export const writePeftFolder = async (
  directory: string,
  { config, tensors, metadata = {}, extraFiles = [] }: PeftContents,
  options: WriteDirectoryOptions = {},
): Promise<void> => {
  const fill = (temporary: string): void => {
    writeFileWhole(join(temporary, peftConfigFile), `${JSON.stringify(sortedKeys(config), null, 2)}\n`);
    writeSafetensors(join(temporary, peftWeightsFile), [...tensors].sort(byName), {
      format: 'pt',
      ...metadata,
    });
    for (const { name, contents } of extraFiles) writeFileWhole(join(temporary, name), contents);
  };
  await writeDirectoryWhole(directory, fill, options);
};
