import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { isObject, valueText } from '../../../json-value.ts';
import { count, dropoutRate, epsilon, layerCount } from '../../configuration-keys.ts';
import type { SinusoidSettings } from './sinusoids.ts';
import type { UnetLevel, UnetShape } from './unet.ts';

const off = z.union([z.literal(false), z.null()]).optional();
const none = z.null().optional();
const one = z.literal(1).default(1);
/** One for all levels, or one for each. */
const perLevel = (size: z.ZodType<number>) => z.union([size, z.array(size)]);

const down = z.enum(['CrossAttnDownBlock2D', 'DownBlock2D']);
const up = z.enum(['CrossAttnUpBlock2D', 'UpBlock2D']);

/** What would make another network of it and is not done: only its being off is accepted. */
const notDone = {
  center_input_sample: off,
  class_embed_type: none,
  class_embeddings_concat: off,
  conv_in_kernel: z.literal(3).default(3),
  conv_out_kernel: z.literal(3).default(3),
  cross_attention_norm: none,
  downsample_padding: one,
  dual_cross_attention: off,
  encoder_hid_dim: none,
  encoder_hid_dim_type: none,
  attention_type: z.literal('default').default('default'),
  mid_block_only_cross_attention: off,
  mid_block_scale_factor: one,
  mid_block_type: z.literal('UNetMidBlock2DCrossAttn').default('UNetMidBlock2DCrossAttn'),
  num_attention_heads: none,
  num_class_embeds: none,
  only_cross_attention: z.union([z.literal(false), z.array(z.literal(false))]).default(false),
  resnet_out_scale_factor: one,
  resnet_skip_time_act: off,
  resnet_time_scale_shift: z.literal('default').default('default'),
  reverse_transformer_layers_per_block: none,
  time_cond_proj_dim: none,
  time_embedding_act_fn: none,
  time_embedding_dim: none,
  time_embedding_type: z.literal('positional').default('positional'),
  timestep_post_act: none,
};

/** What changes nothing here: the size of diffusers' samples, precision that attention has anyway, and heads of a pooling that is not used. */
const idle = {
  sample_size: z.unknown().optional(),
  dropout: dropoutRate,
  upcast_attention: z.boolean().nullish(),
  addition_embed_type_num_heads: z.number().nullish(),
};

/** Keys of unet/config.json, with what diffusers (0.42) takes for those that are left out. */
export const unetKeys = z.object({
  _class_name: z.literal('UNet2DConditionModel').optional(),
  in_channels: count.default(4),
  out_channels: count.default(4),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  down_block_types: z
    .array(down)
    .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
  up_block_types: z
    .array(up)
    .default(['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']),
  block_out_channels: z.array(count).min(1).max(16).default([320, 640, 1280, 1280]),
  layers_per_block: perLevel(layerCount).default(2),
  transformer_layers_per_block: perLevel(layerCount).default(1),
  // The number of heads, whatever its name says.
  attention_head_dim: perLevel(count).default(8),
  cross_attention_dim: perLevel(count).default(1280),
  use_linear_projection: z.boolean().default(false),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  norm_num_groups: count.default(32),
  norm_eps: epsilon.default(1e-5),
  addition_embed_type: z.literal('text_time').nullish(),
  addition_time_embed_dim: count.nullish(),
  projection_class_embeddings_input_dim: count.nullish(),
  ...notDone,
  ...idle,
});
export type UnetSettings = z.output<typeof unetKeys>;

/** Models of another purpose, by how many channels their U-Net takes. */
const otherInputs: Readonly<Record<number, string>> = {
  5: 'a model that sees a picture’s depth (depth2img)',
  7: 'a model that enlarges pictures (upscaler)',
  8: 'a model that changes pictures by instructions (InstructPix2Pix)',
  9: 'an inpainting model, which takes a masked picture besides the noise',
};

/**
 * Refuses U-Nets of models that do something else, before anything else is said of their keys.
 * @throws unsupported naming what it is
 */
export const refuseOtherUnets = (config: unknown, latentChannels: number, place: string): void => {
  if (!isObject(config)) return;
  const { in_channels: given, time_cond_proj_dim: guided } = config;
  const refused = (what: string): WorkbenchError =>
    new WorkbenchError('unsupported', `${place}: unet: ${what}; take the model that draws from text alone`);
  if (given !== undefined && given !== latentChannels)
    throw refused(
      `in_channels is ${valueText(given)}: ${otherInputs[Number(given)] ?? `not the latent_channels (${latentChannels}) of the VAE`}`,
    );
  if (typeof guided === 'number')
    throw refused('time_cond_proj_dim is set: a model that takes its guidance as an input (LCM)');
};

const listed = (value: number | readonly number[], levels: number): readonly number[] =>
  typeof value === 'number' ? Array<number>(levels).fill(value) : value;

/** @throws invalid-input where lists have other lengths than there are levels, or sizes do not divide */
export const unetShape = (settings: UnetSettings, place: string): UnetShape => {
  const { block_out_channels: widths, down_block_types: downs, up_block_types: ups } = settings;
  const [heads, layers, depths] = [
    'attention_head_dim' as const,
    'layers_per_block' as const,
    'transformer_layers_per_block' as const,
  ].map((field) => ({ field, values: listed(settings[field], widths.length) })) as [Listed, Listed, Listed];
  for (const { field, values } of [
    ...[heads, layers, depths],
    { field: 'down_block_types', values: downs },
    { field: 'up_block_types', values: ups },
  ])
    if (values.length !== widths.length)
      throw invalidInput(
        `${place}: ${field} has ${values.length} entries for the ${widths.length} levels of block_out_channels`,
      );
  const groups = settings.norm_num_groups;
  const levels = widths.map((width, at): UnetLevel => {
    const ofLevel = heads.values[at]!;
    if (width % groups !== 0)
      throw invalidInput(`${place}: ${width} channels do not divide into norm_num_groups ${groups}`);
    if (width % ofLevel !== 0)
      throw invalidInput(`${place}: ${width} channels do not divide into ${ofLevel} heads`);
    return {
      width,
      heads: ofLevel,
      layers: layers.values[at]!,
      depth: depths.values[at]!,
      attends: {
        down: downs[at] === 'CrossAttnDownBlock2D',
        up: ups.at(-1 - at) === 'CrossAttnUpBlock2D',
      },
    };
  });
  return {
    levels,
    groups,
    epsilon: settings.norm_eps,
    linearProjection: settings.use_linear_projection,
    channels: settings.out_channels,
  };
};

interface Listed {
  readonly field: string;
  readonly values: readonly number[];
}

/** Of timesteps, and of the numbers of the added conditioning. */
export const sinusoidsOf = (
  { flip_sin_to_cos: flipped, freq_shift: shift }: UnetSettings,
  width: number,
): SinusoidSettings => ({ width, flipped, shift });

/** Of each text's states, the same in all blocks. @throws invalid-input where they differ */
export const textWidthOf = ({ cross_attention_dim: widths }: UnetSettings, place: string): number => {
  const [width, ...others] = typeof widths === 'number' ? [widths] : widths;
  if (width !== undefined && others.every((other) => other === width)) return width;
  throw invalidInput(
    `${place}: cross_attention_dim is ${valueText(widths)}; levels that differ are not read`,
  );
};
