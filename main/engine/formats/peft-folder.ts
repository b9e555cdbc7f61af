import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from './atomic-file.ts';
import type { WriteDirectoryOptions } from './atomic-file.ts';
import { readJsonObject } from './json-text.ts';
import { refuseForeignSettings } from './peft-settings.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';
import { readTensorFloat32 } from './safetensors-reader.ts';
import { writeSafetensors } from './safetensors-writer.ts';
import type { TensorToWrite } from './safetensors-writer.ts';

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

/** Whether a tensor belongs to a module that is trained whole. */
export const isSavedWhole = (modulesToSave: readonly string[], key: string): boolean =>
  modulesToSave.some((name) => `.${key.slice(peftPrefix.length)}`.includes(`.${name}.`));

/** Tensors of base weights, by the base model's names. */
export const readWeights = (header: SafetensorsHeader, keys: readonly string[]): SavedWeight[] =>
  keys.map((key) => ({
    name: key.slice(peftPrefix.length),
    shape: header.tensors.get(key)!.shape,
    data: readTensorFloat32(header, key),
  }));

/** The weights of modules that were trained whole. */
export const readSavedWeights = (
  header: SafetensorsHeader,
  modulesToSave: readonly string[],
): SavedWeight[] =>
  readWeights(
    header,
    [...header.tensors.keys()].filter((key) => isSavedWhole(modulesToSave, key)),
  );

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
