import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { pipelineIndex, schedulerConfig, textConfig, unetConfig, vaeConfig } from './configuration.ts';
import type { Trained } from './train-network.ts';

const parts = {
  unet: 'diffusion_pytorch_model.safetensors',
  vae: 'diffusion_pytorch_model.safetensors',
  text_encoder: 'model.safetensors',
} as const;

/** Writes a pipeline's folder as diffusers does, but for its tokenizer. */
export const writePipeline = (folder: string, trained: readonly Trained[], scalingFactor: number): void => {
  const json = (name: string, value: object): void =>
    writeFileWhole(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  for (const part of [...Object.keys(parts), 'scheduler']) mkdirSync(join(folder, part), { recursive: true });
  for (const [part, file] of Object.entries(parts)) {
    const tensors = trained.flatMap(({ weights, layout }) =>
      layout.slots
        .filter(({ name }) => name.startsWith(`${part}.`))
        .map(({ name, shape, offset, length }) => ({
          name: name.slice(part.length + 1),
          dtype: 'F32' as const,
          shape,
          data: weights.subarray(offset, offset + length),
        })),
    );
    writeSafetensors(join(folder, part, file), tensors, { format: 'pt' });
  }
  json('unet/config.json', unetConfig);
  json('vae/config.json', { ...vaeConfig, scaling_factor: scalingFactor });
  json('text_encoder/config.json', textConfig);
  json('scheduler/scheduler_config.json', schedulerConfig);
  json('model_index.json', pipelineIndex);
};
