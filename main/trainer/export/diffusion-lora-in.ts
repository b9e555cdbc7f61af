import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { diffusersLoraName } from '../../engine/adapters/diffusion-lora/diffusers-file.ts';
import { readLoraFile } from '../../engine/adapters/diffusion-lora/read-lora-file.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { isCheckpointName } from '../../engine/formats/diffusion/checkpoint-name.ts';
import { isDiffusionConfig } from '../../engine/formats/diffusion/configuration.ts';
import { pickleRefusal } from '../../engine/formats/foreign-file.ts';
import { pathIn } from '../../engine/formats/path-in.ts';
import type { Model } from '../../engine/models/model.ts';
import type { ImportedAdapter } from '../../engine/peft/form.ts';

/**
 * Where the file of a LoRA for a model that draws pictures is: a .safetensors that was named, or the one that diffusers writes into a folder; null
 * for a folder of PEFT's.
 * @throws not-found for a file that is not there; unsupported for another file, which would be a pickle
 */
export const loraFileAt = (path: string): string | null => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined && isCheckpointName(path))
    throw new WorkbenchError('not-found', `${path}: no such file`);
  if (found?.isFile() === true) {
    if (isCheckpointName(path)) return path;
    throw new WorkbenchError('unsupported', `${path}: ${pickleRefusal}`);
  }
  const isPeft = existsSync(join(path, 'adapter_config.json'));
  return !isPeft && existsSync(join(path, diffusersLoraName)) ? pathIn(path, diffusersLoraName) : null;
};

/** @throws unsupported where the model draws no pictures; as readLoraFile otherwise */
export const readDiffusionLora = (path: string, { folder, targetLayers }: Model): ImportedAdapter => {
  const { config, directory } = folder;
  if (!isDiffusionConfig(config))
    throw new WorkbenchError(
      'unsupported',
      `${path}: a file of LoRA is read for models that draw pictures, and ${directory} is none; import a PEFT folder`,
    );
  return { ...readLoraFile(path, { layers: targetLayers, config, base: basename(directory) }), weights: [] };
};
