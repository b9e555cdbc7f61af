import { levelsOf, perLevel, type DiffusionConfig, type PartConfig } from './configuration.ts';

/*
 * What the original code (CompVis' latent-diffusion, Stability AI's generative-models) calls the modules that diffusers has under other
 * names. The order of its numbered blocks is that of computation, so it follows from how many layers each level has.
 */

/** A module of the original code, and ours. Modules within it have the same names in both. */
export type ModulePair = readonly [original: string, ours: string];

const within = (original: string, ours: string, inner: readonly ModulePair[]): ModulePair[] =>
  inner.map(([a, b]) => [`${original}.${a}`, `${ours}.${b}`]);

const resnetOfUnet: readonly ModulePair[] = [
  ['in_layers.0', 'norm1'],
  ['in_layers.2', 'conv1'],
  ['emb_layers.1', 'time_emb_proj'],
  ['out_layers.0', 'norm2'],
  ['out_layers.3', 'conv2'],
  ['skip_connection', 'conv_shortcut'],
];

const ends: readonly ModulePair[] = [
  ['time_embed.0', 'time_embedding.linear_1'],
  ['time_embed.2', 'time_embedding.linear_2'],
  ['label_emb.0.0', 'add_embedding.linear_1'],
  ['label_emb.0.2', 'add_embedding.linear_2'],
  ['input_blocks.0.0', 'conv_in'],
  ['out.0', 'conv_norm_out'],
  ['out.2', 'conv_out'],
];

const attends = (types: unknown, level: number): boolean =>
  String((types as readonly unknown[])[level]).startsWith('CrossAttn');

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

const downBlocks = (unet: PartConfig): ModulePair[] => {
  const levels = levelsOf(unet);
  let block = 1;
  return perLevel(unet['layers_per_block'], levels).flatMap((layers, level) => {
    const ours = `down_blocks.${level}`;
    const made = upTo(layers).flatMap((layer): ModulePair[] => {
      const original = `input_blocks.${block++}`;
      return [
        ...within(`${original}.0`, `${ours}.resnets.${layer}`, resnetOfUnet),
        ...(attends(unet['down_block_types'], level)
          ? [[`${original}.1`, `${ours}.attentions.${layer}`] as const]
          : []),
      ];
    });
    const shrinks: ModulePair[] =
      level === levels - 1 ? [] : [[`input_blocks.${block++}.0.op`, `${ours}.downsamplers.0.conv`]];
    return [...made, ...shrinks];
  });
};

const upBlocks = (unet: PartConfig): ModulePair[] => {
  const levels = levelsOf(unet);
  let block = 0;
  return perLevel(unet['layers_per_block'], levels)
    .toReversed()
    .flatMap((layers, level) => {
      const ours = `up_blocks.${level}`;
      const hasAttention = attends(unet['up_block_types'], level);
      return upTo(layers + 1).flatMap((layer): ModulePair[] => {
        const original = `output_blocks.${block++}`;
        const grows = layer === layers && level < levels - 1;
        return [
          ...within(`${original}.0`, `${ours}.resnets.${layer}`, resnetOfUnet),
          ...(hasAttention ? [[`${original}.1`, `${ours}.attentions.${layer}`] as const] : []),
          ...(grows
            ? [[`${original}.${hasAttention ? 2 : 1}.conv`, `${ours}.upsamplers.0.conv`] as const]
            : []),
        ];
      });
    });
};

/** Of the U-Net, without `model.diffusion_model.` and `unet.`. */
export const unetModules = (unet: PartConfig): ModulePair[] => [
  ...ends,
  ...downBlocks(unet),
  ...within('middle_block.0', 'mid_block.resnets.0', resnetOfUnet),
  ['middle_block.1', 'mid_block.attentions.0'],
  ...within('middle_block.2', 'mid_block.resnets.1', resnetOfUnet),
  ...upBlocks(unet),
];

const resnetOfVae: readonly ModulePair[] = [
  ['norm1', 'norm1'],
  ['conv1', 'conv1'],
  ['norm2', 'norm2'],
  ['conv2', 'conv2'],
  ['nin_shortcut', 'conv_shortcut'],
];

const attentionOfVae: readonly ModulePair[] = [
  ['norm', 'group_norm'],
  ['q', 'to_q'],
  ['k', 'to_k'],
  ['v', 'to_v'],
  ['proj_out', 'to_out.0'],
];

/** Of the VAE, without `first_stage_model.` and `vae.`. */
export const vaeModules = (vae: PartConfig): ModulePair[] => {
  const levels = levelsOf(vae);
  const layers = Number(vae['layers_per_block']);
  const half = (side: 'encoder' | 'decoder'): ModulePair[] => [
    [`${side}.conv_in`, `${side}.conv_in`],
    [`${side}.norm_out`, `${side}.conv_norm_out`],
    [`${side}.conv_out`, `${side}.conv_out`],
    ...within(`${side}.mid.block_1`, `${side}.mid_block.resnets.0`, resnetOfVae),
    ...within(`${side}.mid.attn_1`, `${side}.mid_block.attentions.0`, attentionOfVae),
    ...within(`${side}.mid.block_2`, `${side}.mid_block.resnets.1`, resnetOfVae),
  ];
  return [
    ['quant_conv', 'quant_conv'],
    ['post_quant_conv', 'post_quant_conv'],
    ...half('encoder'),
    ...half('decoder'),
    ...upTo(levels).flatMap((level): ModulePair[] => {
      // The original counts the decoder's levels from the largest picture, diffusers in the order of computation.
      const up = levels - 1 - level;
      return [
        ...upTo(layers).flatMap((layer) =>
          within(
            `encoder.down.${level}.block.${layer}`,
            `encoder.down_blocks.${level}.resnets.${layer}`,
            resnetOfVae,
          ),
        ),
        [`encoder.down.${level}.downsample.conv`, `encoder.down_blocks.${level}.downsamplers.0.conv`],
        ...upTo(layers + 1).flatMap((layer) =>
          within(
            `decoder.up.${up}.block.${layer}`,
            `decoder.up_blocks.${level}.resnets.${layer}`,
            resnetOfVae,
          ),
        ),
        [`decoder.up.${up}.upsample.conv`, `decoder.up_blocks.${level}.upsamplers.0.conv`],
      ];
    }),
  ];
};

export const unetPrefix = 'model.diffusion_model';
export const vaePrefix = 'first_stage_model';

/** Where a text encoder is in the file, and in whose code. */
export interface OriginalText {
  readonly part: 'text_encoder' | 'text_encoder_2';
  readonly prefix: string;
  readonly code: 'transformers' | 'open_clip';
}

const ofXl: readonly OriginalText[] = [
  { part: 'text_encoder', prefix: 'conditioner.embedders.0.transformer', code: 'transformers' },
  { part: 'text_encoder_2', prefix: 'conditioner.embedders.1.model', code: 'open_clip' },
];

export const textOfVersion1: OriginalText = {
  part: 'text_encoder',
  prefix: 'cond_stage_model.transformer',
  code: 'transformers',
};
export const textOfVersion2: OriginalText = {
  part: 'text_encoder',
  prefix: 'cond_stage_model.model',
  code: 'open_clip',
};

/** SD 2's text encoder is OpenCLIP's, told by its activation. */
export const originalTexts = ({
  model_type: type,
  text_encoder: text,
}: DiffusionConfig): readonly OriginalText[] =>
  type === 'stable-diffusion-xl' ? ofXl : [text['hidden_act'] === 'gelu' ? textOfVersion2 : textOfVersion1];

/** The name of a module, or of a tensor of it, by the pair of the longest module that it is in; null where none is. */
export const renamer = (pairs: readonly ModulePair[], from: 'original' | 'ours') => {
  const known = new Map(
    pairs.map(([original, ours]) => (from === 'original' ? [original, ours] : [ours, original])),
  );
  return (name: string): string | null => {
    for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
      const other = known.get(name.slice(0, end));
      if (other !== undefined) return other + name.slice(end);
    }
    return null;
  };
};
