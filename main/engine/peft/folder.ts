import { valueText } from '../json-value.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { peftTypes, type PeftType } from '../adapters/methods/method.ts';
import { WorkbenchError } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from '../formats/atomic-file.ts';
import { readJsonObject } from '../formats/json-text.ts';
import { pathIn } from '../formats/path-in.ts';
import { refuseForeignSettings } from './settings.ts';
import { readSafetensorsHeader } from '../formats/safetensors-header.ts';
import type { SafetensorsHeader } from '../formats/safetensors-header.ts';
import { writeSafetensors } from '../formats/safetensors-writer.ts';
import type { TensorToWrite } from '../formats/safetensors-writer.ts';

/** An adapter folder as PEFT's save_pretrained writes it, whatever its peft_type. */
export interface PeftFolder {
  readonly type: PeftType;
  /** Of adapter_config.json, for errors. */
  readonly configPath: string;
  /** adapter_config.json as it stands. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly header: SafetensorsHeader;
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
  const configPath = pathIn(directory, peftConfigFile);
  if (!existsSync(configPath) && existsSync(join(directory, 'config.json')))
    throw new WorkbenchError(
      'invalid-input',
      `${directory}: is a model's folder, not an adapter's: it has config.json and no ${peftConfigFile}`,
    );
  const config = readJsonObject(configPath);
  const named = valueText(config['peft_type']);
  const type = peftTypes.find((one) => one === named);
  if (type === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${configPath}: peft_type is ${named}; ${peftTypes.join(', ')} adapters can be read`,
    );
  refuseForeignSettings(config, configPath);
  const weights = pathIn(directory, peftWeightsFile);
  const pickled = join(directory, 'adapter_model.bin');
  if (!existsSync(weights) && existsSync(pickled))
    throw new WorkbenchError(
      'unsupported',
      `${pickled}: pickled weights can run programs and are not read; load the adapter with PEFT and save it again, which writes ${peftWeightsFile}`,
    );
  return { type, configPath, config, header: readSafetensorsHeader(weights) };
};

/** Modules that a file has a tensor of this ending for, by the base model's names. */
export const modulesWith = ({ tensors }: SafetensorsHeader, ending: string): string[] =>
  [...tensors.keys()]
    .filter((key) => key.startsWith(peftPrefix) && key.endsWith(ending))
    .map((key) => key.slice(peftPrefix.length, -ending.length));

const byName = (a: TensorToWrite, b: TensorToWrite): number => (a.name < b.name ? -1 : 1);
const sortedKeys = (config: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Writes an adapter folder whole or not at all, tensors in the order of their names. */
export const writePeftFolder = async (
  directory: string,
  { config, tensors, metadata = {}, extraFiles = [] }: PeftContents,
): Promise<void> => {
  const fill = (temporary: string): void => {
    writeFileWhole(join(temporary, peftConfigFile), `${JSON.stringify(sortedKeys(config), null, 2)}\n`);
    writeSafetensors(join(temporary, peftWeightsFile), [...tensors].sort(byName), {
      format: 'pt',
      ...metadata,
    });
    for (const { name, contents } of extraFiles) writeFileWhole(join(temporary, name), contents);
  };
  await writeDirectoryWhole(directory, fill);
};
