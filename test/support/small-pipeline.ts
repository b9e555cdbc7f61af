import { join } from 'node:path';
import { writeSafetensors, type TensorToWrite } from '../../main/engine/formats/safetensors.ts';
import { listWeights } from '../../main/engine/models/model.ts';
import { readArchitecture } from '../../main/engine/models/architectures/index.ts';
import { createRandom } from '../../main/engine/random.ts';
import { writeJson } from '../engine/formats/diffusion/public-model.ts';

/** The smallest model whose config its shapes say: widths of 32, which is how many groups every published model has. */
const config = {
  model_type: 'stable-diffusion',
  unet: {
    block_out_channels: [32, 32],
    layers_per_block: 1,
    in_channels: 4,
    out_channels: 4,
    cross_attention_dim: 64,
    attention_head_dim: 8,
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  },
  text_encoder: {
    model_type: 'clip_text_model',
    hidden_size: 64,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    vocab_size: 30,
    max_position_embeddings: 8,
    hidden_act: 'quick_gelu',
    eos_token_id: 2,
  },
  vae: {
    block_out_channels: [32, 32],
    layers_per_block: 1,
    in_channels: 3,
    out_channels: 3,
    latent_channels: 4,
    scaling_factor: 0.18215,
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  },
  scheduler: {
    _class_name: 'PNDMScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    num_train_timesteps: 1000,
    prediction_type: 'epsilon',
  },
} as const;

const classes = {
  unet: ['diffusers', 'UNet2DConditionModel'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  vae: ['diffusers', 'AutoencoderKL'],
} as const;

const files = {
  unet: 'diffusion_pytorch_model.safetensors',
  text_encoder: 'model.safetensors',
  vae: 'diffusion_pytorch_model.safetensors',
} as const;

/** A pipeline's folder with random weights. */
export const writeTinyDiffusion = (directory: string): void => {
  const random = createRandom(5);
  const { weightShapes } = listWeights(readArchitecture(config, 'config'));
  writeJson(join(directory, 'model_index.json'), { _class_name: 'StableDiffusionPipeline', ...classes });
  writeJson(join(directory, 'scheduler/scheduler_config.json'), config.scheduler);
  for (const part of ['unet', 'text_encoder', 'vae'] as const) {
    writeJson(join(directory, part, 'config.json'), config[part]);
    const own = [...weightShapes].filter(([name]) => name.startsWith(`${part}.`));
    const tensors = own.map(([name, shape]): TensorToWrite => {
      const length = shape.reduce((a, b) => a * b, 1);
      const isNorm = shape.length === 1 && name.endsWith('.weight');
      const data = Float32Array.from({ length }, () => 0.1 * random.normal() + (isNorm ? 1 : 0));
      return { name: name.slice(part.length + 1), dtype: 'F32', shape, data };
    });
    writeSafetensors(join(directory, part, files[part]), tensors, { format: 'pt' });
  }
};
