/** Pixels of a side of a drawing, and of a side of what a number of its latent stands for. */
export const [pictureSide, latentPixels] = [64, 4];
export const latentSide = pictureSide / latentPixels;
export const latentChannels = 4;

/** Tokens of a text with its start, its end and the padding. */
export const textLength = 20;
export const vocabularySize = 1088;
/** Their ids are the last two, as in CLIP's vocabulary. */
export const [textStart, textEnd] = ['<|startoftext|>', '<|endoftext|>'];

const epsilon = 1e-5;

/** diffusers' AutoencoderKL, but for its scaling factor, which is measured. */
export const vaeConfig = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [12, 24, 48],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D'],
  in_channels: 3,
  out_channels: 3,
  latent_channels: latentChannels,
  layers_per_block: 1,
  norm_num_groups: 4,
  sample_size: pictureSide,
} as const;

/** transformers' CLIPTextModel. */
export const textConfig = {
  architectures: ['CLIPTextModel'],
  model_type: 'clip_text_model',
  hidden_size: 96,
  intermediate_size: 192,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  hidden_act: 'quick_gelu',
  layer_norm_eps: epsilon,
  attention_dropout: 0,
  vocab_size: vocabularySize,
  max_position_embeddings: textLength,
  projection_dim: 96,
  bos_token_id: vocabularySize - 2,
  eos_token_id: vocabularySize - 1,
  pad_token_id: vocabularySize - 1,
  torch_dtype: 'float32',
} as const;

/** diffusers' UNet2DConditionModel, as Stable Diffusion 1 has it: `attention_head_dim` is how many heads there are. */
export const unetConfig = {
  _class_name: 'UNet2DConditionModel',
  act_fn: 'silu',
  attention_head_dim: 4,
  block_out_channels: [32, 64, 128],
  center_input_sample: false,
  cross_attention_dim: textConfig.hidden_size,
  down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: latentChannels,
  layers_per_block: 1,
  mid_block_scale_factor: 1,
  norm_eps: epsilon,
  norm_num_groups: 8,
  out_channels: latentChannels,
  sample_size: latentSide,
  up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
} as const;

/** Stable Diffusion's noise. */
export const schedulerConfig = {
  _class_name: 'DDIMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  prediction_type: 'epsilon',
  clip_sample: false,
  set_alpha_to_one: false,
  steps_offset: 1,
} as const;

export const pipelineIndex = {
  _class_name: 'StableDiffusionPipeline',
  _diffusers_version: '0.30.0',
  feature_extractor: [null, null],
  requires_safety_checker: false,
  safety_checker: [null, null],
  scheduler: ['diffusers', 'DDIMScheduler'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  tokenizer: ['transformers', 'CLIPTokenizer'],
  unet: ['diffusers', 'UNet2DConditionModel'],
  vae: ['diffusers', 'AutoencoderKL'],
} as const;

/** All parts as one, as the workbench reads them. */
export const pipelineConfig = {
  model_type: 'stable-diffusion',
  unet: unetConfig,
  text_encoder: textConfig,
  vae: { ...vaeConfig, scaling_factor: 1 },
  scheduler: schedulerConfig,
} as const;
