import { z } from 'zod';
import { invalidInput } from '../../../errors.ts';
import { count, layerCount } from '../../configuration-keys.ts';
import type { VaeShape } from './vae.ts';

const none = z.null().optional();
const on = z.literal(true).default(true);

/** Keys of vae/config.json, with what diffusers (0.42) takes for those that are left out. */
export const vaeKeys = z.object({
  _class_name: z.literal('AutoencoderKL').optional(),
  in_channels: z.literal(3).default(3),
  out_channels: z.literal(3).default(3),
  down_block_types: z.array(z.literal('DownEncoderBlock2D')).default(['DownEncoderBlock2D']),
  up_block_types: z.array(z.literal('UpDecoderBlock2D')).default(['UpDecoderBlock2D']),
  block_out_channels: z.array(count).min(1).max(16).default([64]),
  layers_per_block: layerCount.default(1),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  latent_channels: count.default(4),
  norm_num_groups: count.default(32),
  scaling_factor: z.number().positive().default(0.18215),
  // It is computed in float32 whatever is said of lower precision.
  force_upcast: z.boolean().nullish(),
  sample_size: z.unknown().optional(),
  shift_factor: none,
  latents_mean: none,
  latents_std: none,
  use_quant_conv: on,
  use_post_quant_conv: on,
  mid_block_add_attention: on,
});
export type VaeSettings = z.output<typeof vaeKeys>;

/** @throws invalid-input where lists have other lengths than there are levels, or sizes do not divide */
export const vaeShape = (settings: VaeSettings, place: string): VaeShape => {
  const { block_out_channels: widths, norm_num_groups: groups } = settings;
  for (const field of ['down_block_types', 'up_block_types'] as const)
    if (settings[field].length !== widths.length)
      throw invalidInput(
        `${place}: ${field} has ${settings[field].length} entries for the ${widths.length} levels of block_out_channels`,
      );
  const uneven = widths.find((width) => width % groups !== 0);
  if (uneven !== undefined)
    throw invalidInput(`${place}: ${uneven} channels do not divide into norm_num_groups ${groups}`);
  return {
    widths,
    layers: settings.layers_per_block,
    groups,
    latentChannels: settings.latent_channels,
    pictureChannels: settings.out_channels,
  };
};
