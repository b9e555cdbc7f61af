import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelFolder, TensorLocation } from '../../main/engine/formats/model-folder.ts';
import { readSafetensorsHeader } from '../../main/engine/formats/safetensors.ts';

const parts = {
  unet: 'diffusion_pytorch_model.safetensors',
  text_encoder: 'model.safetensors',
  text_encoder_2: 'model.safetensors',
  vae: 'diffusion_pytorch_model.safetensors',
} as const;

const readJson = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

/** A pipeline folder of diffusers as one model. */
export const openPipeline = (directory: string): ModelFolder => {
  const there = Object.entries(parts).filter(([part]) => existsSync(join(directory, part)));
  const tensors = new Map<string, TensorLocation>();
  for (const [part, file] of there) {
    const header = readSafetensorsHeader(join(directory, part, file));
    for (const [name, { dtype, shape, offset, length }] of header.tensors)
      tensors.set(`${part}.${name}`, { file: header.path, dtype, shape, offset, length });
  }
  const config = {
    model_type: existsSync(join(directory, 'text_encoder_2')) ? 'stable-diffusion-xl' : 'stable-diffusion',
    ...Object.fromEntries(there.map(([part]) => [part, readJson(join(directory, part, 'config.json'))])),
    scheduler: readJson(join(directory, 'scheduler/scheduler_config.json')),
  };
  return { directory, config, tensors, shards: [], auxiliaryFiles: [] };
};
