import { invalidInput, WorkbenchError } from '../../errors.ts';
import { readLocationFloat32, type TensorLocation } from '../safetensors-reader.ts';
import type { DiffusionConfig, PartConfig } from './configuration.ts';
import { checkChannels, refinerRefusal } from './pipeline-classes.ts';
import { textOfVersion1, textOfVersion2, unetPrefix, vaePrefix } from './original-modules.ts';

/*
 * What a single file says of its model by the shapes of its tensors, in the keys of diffusers' configs. What shapes cannot say is what every
 * published model of its kind has: which kind it is, is told by the text encoders.
 */

type Tensors = ReadonlyMap<string, Pick<TensorLocation, 'shape'>>;

interface Kind {
  readonly type: DiffusionConfig['model_type'];
  /** Heads of attention: their number, or their width. */
  readonly heads: { readonly number: number } | { readonly width: number };
  readonly scalingFactor: number;
  readonly vaeSize: number;
}

const version1: Kind = {
  type: 'stable-diffusion',
  heads: { number: 8 },
  scalingFactor: 0.18215,
  vaeSize: 512,
};
const version2: Kind = { ...version1, heads: { width: 64 }, vaeSize: 768 };
const xl: Kind = { type: 'stable-diffusion-xl', heads: { width: 64 }, scalingFactor: 0.13025, vaeSize: 1024 };

const firstLayer = `${unetPrefix}.input_blocks.0.0.weight`;
const clipTokens = 'text_model.embeddings.token_embedding.weight';

/** Files that a person may take for a model of this kind, by a tensor that only they have; the first that fits counts. */
const others: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\.)joint_blocks\./,
    'is Stable Diffusion 3, a transformer in the place of the U-Net, which is not done',
  ],
  [
    /(^|\.)(double|single)_blocks\./,
    'is FLUX or a model like it, a transformer in the place of the U-Net, which is not done',
  ],
  [
    /^lora_(unet|te)|\.lora(_linear_layer)?\.(up|down)\.|\.lora_[AB]\./,
    'holds an adapter (LoRA); import it on the model that it was made for',
  ],
  [/^(control_model|controlnet_)/, 'is a ControlNet; take the model that it was made for'],
  [
    /^model\.diffusion_model\.(down_blocks|conv_in)\b|^(down_blocks|conv_in)\b/,
    "is a U-Net alone, in diffusers' names; take the whole pipeline's folder",
  ],
  [/^(first_stage_model\.|encoder\.down\.|decoder\.up\.)/, 'is a VAE alone; take the whole model'],
  [
    /^(emb_params|string_to_param)/,
    'is an embedding of one word (textual inversion); take the model that it was made for',
  ],
];

const refused = (place: string, why: string): WorkbenchError =>
  new WorkbenchError('unsupported', `${place}: ${why}`);

const kindOf = (tensors: Tensors, place: string): Kind => {
  if (!tensors.has(firstLayer)) {
    const names = [...tensors.keys()];
    const why = others.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
    throw refused(
      place,
      why ??
        `is not a diffusion model in the original names, as ${firstLayer} is not there; of other models choose the folder`,
    );
  }
  const has = (name: string): boolean => tensors.has(name);
  const strange = [...tensors.keys()].find((name) => /^edm_|\bsigma_(max|min|data)$/.test(name));
  if (strange !== undefined)
    throw refused(
      place,
      `holds ${strange}: it was trained with the noise of EDM, whose targets are not done`,
    );
  checkChannels(tensors.get(firstLayer)!.shape[1], place);
  if (has('conditioner.embedders.0.model.ln_final.weight')) throw refinerRefusal(place);
  const texts = [
    has(`conditioner.embedders.0.transformer.${clipTokens}`) &&
      has('conditioner.embedders.1.model.ln_final.weight') &&
      xl,
    has(`${textOfVersion1.prefix}.${clipTokens}`) && version1,
    has(`${textOfVersion2.prefix}.ln_final.weight`) && version2,
  ].find((kind) => kind !== false);
  if (texts === undefined)
    throw refused(
      place,
      'holds a U-Net, and no text encoder that is known (CLIP of SD 1.x, OpenCLIP of 2.x, both of SDXL); take the whole model',
    );
  if (!has(`${vaePrefix}.decoder.conv_in.weight`))
    throw refused(place, 'holds no VAE (first_stage_model); take the whole model');
  return texts;
};

/** Numbers behind a name that are there: 0, 1, 2, ... */
const countOf = (tensors: Tensors, name: (at: number) => string): number => {
  let count = 0;
  while (tensors.has(name(count))) count++;
  return count;
};

const shapeIn =
  (tensors: Tensors, place: string) =>
  (name: string): readonly number[] => {
    const found = tensors.get(name);
    if (found === undefined) throw invalidInput(`${place}: the weights have no tensor ${name}`);
    return found.shape;
  };

interface Level {
  readonly channels: number;
  readonly layers: number;
  /** Blocks of each transformer; 0 where there is none. */
  readonly depth: number;
}

/** Blocks of layers on the way down, without the first; null where one only makes the picture smaller. */
const blocksDown = (
  tensors: Tensors,
  shape: (name: string) => readonly number[],
): (Omit<Level, 'layers'> | null)[] => {
  const blocks: (Omit<Level, 'layers'> | null)[] = [];
  for (let at = 1; ; at++) {
    const block = `${unetPrefix}.input_blocks.${at}`;
    if (tensors.has(`${block}.0.op.weight`)) {
      blocks.push(null);
      continue;
    }
    if (!tensors.has(`${block}.0.in_layers.2.weight`)) return blocks;
    blocks.push({
      channels: shape(`${block}.0.out_layers.3.weight`)[0]!,
      depth: countOf(tensors, (layer) => `${block}.1.transformer_blocks.${layer}.norm1.weight`),
    });
  }
};

const levelsDown = (tensors: Tensors, shape: (name: string) => readonly number[], place: string): Level[] => {
  const levels: Level[] = [];
  let isNew = true;
  for (const [at, block] of blocksDown(tensors, shape).entries()) {
    const level = levels.at(-1);
    if (block === null) isNew = true;
    else if (isNew || level === undefined) {
      levels.push({ ...block, layers: 1 });
      isNew = false;
    } else if (level.depth === block.depth && level.channels === block.channels)
      levels[levels.length - 1] = { ...level, layers: level.layers + 1 };
    else
      throw refused(
        place,
        `input_blocks.${at + 1} of its U-Net is other than the block before it on its level, which no published model has`,
      );
  }
  return levels;
};

const same = <T>(values: readonly T[]): T | T[] => (new Set(values).size === 1 ? values[0]! : [...values]);

const unetConfig = (tensors: Tensors, kind: Kind, place: string): PartConfig => {
  const shape = shapeIn(tensors, place);
  const levels = levelsDown(tensors, shape, place);
  const attending = levels.findIndex(({ depth }) => depth > 0);
  if (attending === -1) throw refused(place, 'its U-Net does not heed a text');
  const withAttention = [...tensors.keys()].find((name) =>
    /\.input_blocks\.\d+\.1\.transformer_blocks\.0\.attn2\.to_k\.weight$/.test(name),
  )!;
  const [projection] = [...tensors].find(([name]) => /\.input_blocks\.\d+\.1\.proj_in\.weight$/.test(name))!;
  const added = tensors.get(`${unetPrefix}.label_emb.0.0.weight`)?.shape[1];
  const heads = kind.heads;
  const depths = levels.map(({ depth }) => depth);
  // A level without attention says nothing; diffusers writes 1 there.
  const written = depths.map((depth) => Math.max(depth, 1));
  return {
    _class_name: 'UNet2DConditionModel',
    act_fn: 'silu',
    addition_embed_type: added === undefined ? null : 'text_time',
    addition_time_embed_dim: added === undefined ? null : 256,
    attention_head_dim:
      'number' in heads ? heads.number : levels.map(({ channels }) => channels / heads.width),
    block_out_channels: levels.map(({ channels }) => channels),
    center_input_sample: false,
    cross_attention_dim: shape(withAttention)[1],
    down_block_types: depths.map((depth) => (depth > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    downsample_padding: 1,
    flip_sin_to_cos: true,
    freq_shift: 0,
    in_channels: shape(firstLayer)[1],
    layers_per_block: same(levels.map(({ layers }) => layers)),
    mid_block_scale_factor: 1,
    norm_eps: 1e-5,
    norm_num_groups: 32,
    out_channels: shape(`${unetPrefix}.out.2.weight`)[0],
    projection_class_embeddings_input_dim: added ?? null,
    sample_size: kind.vaeSize / 8,
    transformer_layers_per_block: same(written),
    up_block_types: depths.toReversed().map((depth) => (depth > 0 ? 'CrossAttnUpBlock2D' : 'UpBlock2D')),
    use_linear_projection: shape(projection).length === 2,
  };
};

const vaeConfig = (tensors: Tensors, kind: Kind, place: string): PartConfig => {
  const shape = shapeIn(tensors, place);
  const down = `${vaePrefix}.encoder.down`;
  const levels = countOf(tensors, (level) => `${down}.${level}.block.0.conv1.weight`);
  const channels = Array.from(
    { length: levels },
    (_, level) => shape(`${down}.${level}.block.0.conv1.weight`)[0] as number,
  );
  return {
    _class_name: 'AutoencoderKL',
    act_fn: 'silu',
    block_out_channels: channels,
    down_block_types: channels.map(() => 'DownEncoderBlock2D'),
    in_channels: 3,
    latent_channels: shape(`${vaePrefix}.post_quant_conv.weight`)[0],
    layers_per_block: countOf(tensors, (layer) => `${down}.0.block.${layer}.conv1.weight`),
    norm_num_groups: 32,
    out_channels: 3,
    sample_size: kind.vaeSize,
    scaling_factor: kind.scalingFactor,
    up_block_types: channels.map(() => 'UpDecoderBlock2D'),
  };
};

const textConfig = (widths: {
  vocabulary: readonly number[];
  layers: number;
  inner: number;
  positions: number;
}): PartConfig => {
  const [vocabulary, hidden] = widths.vocabulary as [number, number];
  return {
    model_type: 'clip_text_model',
    architectures: ['CLIPTextModel'],
    bos_token_id: 0,
    eos_token_id: 2,
    pad_token_id: 1,
    hidden_act: 'quick_gelu',
    hidden_size: hidden,
    intermediate_size: widths.inner,
    layer_norm_eps: 1e-5,
    max_position_embeddings: widths.positions,
    // Every published encoder has heads of 64.
    num_attention_heads: Math.max(1, hidden / 64),
    num_hidden_layers: widths.layers,
    vocab_size: vocabulary,
  };
};

const ofTransformers = (tensors: Tensors, prefix: string, place: string): PartConfig => {
  const shape = shapeIn(tensors, place);
  const layers = `${prefix}.text_model.encoder.layers`;
  const config = textConfig({
    vocabulary: shape(`${prefix}.${clipTokens}`),
    positions: shape(`${prefix}.text_model.embeddings.position_embedding.weight`)[0]!,
    layers: countOf(tensors, (layer) => `${layers}.${layer}.layer_norm1.weight`),
    inner: shape(`${layers}.0.mlp.fc1.weight`)[0]!,
  });
  return { ...config, projection_dim: config['hidden_size'] };
};

/** @param past layers that the model draws without: SD 2 stops before the last one */
const ofOpenClip = (tensors: Tensors, prefix: string, past: number, place: string): PartConfig => {
  const shape = shapeIn(tensors, place);
  const layers = `${prefix}.transformer.resblocks`;
  const config = textConfig({
    vocabulary: shape(`${prefix}.token_embedding.weight`),
    positions: shape(`${prefix}.positional_embedding`)[0]!,
    layers: countOf(tensors, (layer) => `${layers}.${layer}.ln_1.weight`) - past,
    inner: shape(`${layers}.0.mlp.c_fc.weight`)[0]!,
  });
  const projection = tensors.get(`${prefix}.text_projection`)?.shape[1];
  return { ...config, hidden_act: 'gelu', projection_dim: projection ?? config['hidden_size'] };
};

/** The depth of the published encoder (ViT-H), whose last layer SD 2 leaves out; a file that leaves it out too has one fewer. */
const layersOfVitH = 24;

const textsOf = (
  tensors: Tensors,
  kind: Kind,
  place: string,
): Pick<DiffusionConfig, 'text_encoder' | 'text_encoder_2'> => {
  if (kind === version1) return { text_encoder: ofTransformers(tensors, textOfVersion1.prefix, place) };
  if (kind === version2) {
    const { prefix } = textOfVersion2;
    const layers = countOf(tensors, (layer) => `${prefix}.transformer.resblocks.${layer}.ln_1.weight`);
    return { text_encoder: ofOpenClip(tensors, prefix, layers < layersOfVitH ? 0 : 1, place) };
  }
  return {
    text_encoder: ofTransformers(tensors, 'conditioner.embedders.0.transformer', place),
    text_encoder_2: {
      ...ofOpenClip(tensors, 'conditioner.embedders.1.model', 0, place),
      architectures: ['CLIPTextModelWithProjection'],
    },
  };
};

/** A norm at the end of the U-Net whose biases spread further in SD 2.x that was trained on v than in that on noise; ComfyUI tells them so. */
const tellTale = `${unetPrefix}.output_blocks.11.1.transformer_blocks.0.norm1.bias`;
const widest = 0.09;

const spread = (values: Float32Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

/** What it was trained to predict: said by the metadata, by a mark, or, of SD 2.x, by its numbers. */
const predictionOf = (
  tensors: ReadonlyMap<string, TensorLocation>,
  kind: Kind,
  metadata: Readonly<Record<string, string>>,
): 'epsilon' | 'v_prediction' => {
  const said = metadata[predictionKey];
  if (said === 'epsilon') return 'epsilon';
  if (said === 'v') return 'v_prediction';
  if (tensors.has('v_pred')) return 'v_prediction';
  const tell = kind === version2 ? tensors.get(tellTale) : undefined;
  return tell !== undefined && spread(readLocationFloat32(tell, tellTale)) > widest
    ? 'v_prediction'
    : 'epsilon';
};

/** Of SD 2.x nothing in a file but its numbers says what it predicts, unless the metadata does. */
export const predictionNotices = (
  { text_encoder: text, model_type: type, scheduler }: DiffusionConfig,
  metadata: Readonly<Record<string, string>>,
): string[] =>
  type === 'stable-diffusion' && text['hidden_act'] === 'gelu' && metadata[predictionKey] === undefined
    ? [
        `This SD 2.x file does not say what it predicts; by its numbers it is ${scheduler['prediction_type'] === 'epsilon' ? 'the noise (epsilon)' : 'the velocity (v)'}, as other programs tell it too: if its pictures are noise, take the model as a diffusers folder, which says it`,
      ]
    : [];

const predictionKey = 'modelspec.prediction_type';

/** The one schedule that all published models of these kinds were trained with. */
const schedulerConfig = (
  tensors: ReadonlyMap<string, TensorLocation>,
  kind: Kind,
  metadata: Readonly<Record<string, string>>,
): PartConfig => ({
  _class_name: kind === xl ? 'EulerDiscreteScheduler' : kind === version2 ? 'DDIMScheduler' : 'PNDMScheduler',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  prediction_type: predictionOf(tensors, kind, metadata),
  ...(tensors.has('ztsnr') && { rescale_betas_zero_snr: true }),
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  timestep_spacing: 'leading',
});

/**
 * The config of the model in a single file.
 * @throws unsupported naming what else the file holds: an inpainting model, a refiner, another family, a part alone
 */
export const checkpointConfiguration = (
  tensors: ReadonlyMap<string, TensorLocation>,
  metadata: Readonly<Record<string, string>>,
  place: string,
): DiffusionConfig => {
  const kind = kindOf(tensors, place);
  return {
    model_type: kind.type,
    unet: unetConfig(tensors, kind, place),
    ...textsOf(tensors, kind, place),
    vae: vaeConfig(tensors, kind, place),
    scheduler: schedulerConfig(tensors, kind, metadata),
  };
};
