import { z } from 'zod';
import { WorkbenchError } from '../../errors.ts';
import { isObject, valueText } from '../../json-value.ts';
import { checked } from '../../problems.ts';
import { refuseUnknown } from '../unknown-keys.ts';

type Json = Readonly<Record<string, unknown>>;

const size = z.int().positive().max(65_536);
const ratio = z.number().positive().default(4);

const modelKeys = z.object({
  embed_dim: size,
  quick_gelu: z.boolean().default(false),
  // What logit_scale starts as, before there are weights.
  init_logit_scale: z.number().optional(),
});

const visionKeys = z.object({
  layers: size.default(12),
  width: size.default(768),
  head_width: size.default(64),
  mlp_ratio: ratio,
  patch_size: size.default(16),
  image_size: size.default(224),
  // In training alone, and what is returned beside the embedding.
  patch_dropout: z.number().optional(),
  output_tokens: z.boolean().optional(),
  // Of other towers, and read where one is named.
  attn_pooler_queries: z.number().optional(),
  attn_pooler_heads: z.number().optional(),
  timm_pool: z.string().nullish(),
  timm_proj: z.string().nullish(),
  pool_type: z.literal('tok').default('tok'),
  pos_embed_type: z.literal('learnable').default('learnable'),
});

const textKeys = z.object({
  context_length: size.default(77),
  vocab_size: size.default(49_408),
  width: size.default(512),
  heads: size.default(8),
  layers: size.default(12),
  mlp_ratio: ratio,
  // The tokenizer that lies beside the weights is what counts.
  hf_tokenizer_name: z.string().nullish(),
  tokenizer_mode: z.literal('clip').nullish(),
  output_tokens: z.boolean().optional(),
  // Padding stands behind the end, where causal attention never looks; the end is the largest id.
  pad_id: z.int().optional(),
  eos_id: z.int().optional(),
  hf_model_pretrained: z.boolean().optional(),
  hf_proj_type: z.string().nullish(),
  hf_pooler_type: z.string().nullish(),
  pool_type: z.literal('argmax').default('argmax'),
  proj_type: z.literal('linear').default('linear'),
});

const channels = z.tuple([z.number(), z.number(), z.number()]);
const preprocessKeys = z.object({
  size: z.union([size, z.tuple([size, size])]).nullish(),
  mode: z.literal('RGB').default('RGB'),
  mean: channels.default([0.48145466, 0.4578275, 0.40821073]),
  std: channels.default([0.26862954, 0.26130258, 0.27577711]),
  interpolation: z.enum(['bicubic', 'bilinear']).default('bicubic'),
  resize_mode: z.enum(['shortest', 'squash']).default('shortest'),
  // Of borders, which neither way of resizing has.
  fill_color: z.unknown().optional(),
});

/** What other models of open_clip's are told by. */
const others: readonly (readonly [key: string, is: (model: Json) => boolean, what: string])[] = [
  [
    'vision_cfg.timm_model_name',
    ({ vision_cfg: v }) => isObject(v) && Boolean(v['timm_model_name']),
    'a tower of timm',
  ],
  ['vision_cfg.layers', ({ vision_cfg: v }) => isObject(v) && Array.isArray(v['layers']), 'a ResNet tower'],
  ['multimodal_cfg', ({ multimodal_cfg: one }) => isObject(one), 'a CoCa model'],
  [
    'text_cfg.hf_model_name',
    ({ text_cfg: t }) => isObject(t) && Boolean(t['hf_model_name']),
    'a text tower of transformers',
  ],
  ['custom_text', ({ custom_text: one }) => one === true, 'a text tower of its own'],
];

/** An open_clip model in the terms of transformers' files. */
export interface OpenClipModel {
  /** As a config.json. */
  readonly config: Json;
  /** As a preprocessor_config.json. */
  readonly preprocessor: Json;
}

/**
 * Reads open_clip_config.json.
 * @param place its path, for errors
 * @throws WorkbenchError naming the key for a model that is none of CLIP's own shape, or that is not known
 */
export const readOpenClip = (file: Json, place: string): OpenClipModel => {
  const { model_cfg: model = {}, preprocess_cfg: preprocess = {} } = file as {
    model_cfg?: unknown;
    preprocess_cfg?: unknown;
  };
  if (!isObject(model) || !isObject(preprocess))
    throw new WorkbenchError('invalid-input', `${place}: model_cfg and preprocess_cfg must be objects`);
  const other = others.find(([, is]) => is(model));
  if (other)
    throw new WorkbenchError(
      'unsupported',
      `${place}: model_cfg.${other[0]}: is of ${other[2]}; only open_clip's own ViT with its own text tower is read (ViT-B-32, ViT-B-16, ViT-L-14 and the like)`,
    );
  const part = <Shape extends z.ZodRawShape>(
    known: z.ZodObject<Shape>,
    of: Json,
    name: string,
    more: readonly string[] = [],
  ) => {
    refuseUnknown(
      of,
      new Set([...Object.keys(known.shape), ...more]),
      `${place}: ${name}: `,
      'open_clip models',
    );
    return checked(known, of, `${place}: ${name}`);
  };
  const { embed_dim: width, quick_gelu: isQuick } = part(modelKeys, model, 'model_cfg', [
    'vision_cfg',
    'text_cfg',
  ]);
  const vision = part(visionKeys, sectionOf(model, 'vision_cfg', place), 'model_cfg.vision_cfg');
  const text = part(textKeys, sectionOf(model, 'text_cfg', place), 'model_cfg.text_cfg');
  const seen = part(preprocessKeys, preprocess, 'preprocess_cfg');
  if (vision.width % vision.head_width !== 0)
    throw new WorkbenchError(
      'invalid-input',
      `${place}: model_cfg.vision_cfg: width ${vision.width} does not divide into heads of ${vision.head_width}`,
    );
  const common = { hidden_act: isQuick ? 'quick_gelu' : 'gelu', layer_norm_eps: 1e-5, projection_dim: width };
  return {
    config: {
      architectures: ['CLIPModel'],
      model_type: 'clip',
      projection_dim: width,
      text_config: {
        ...common,
        model_type: 'clip_text_model',
        vocab_size: text.vocab_size,
        hidden_size: text.width,
        intermediate_size: Math.trunc(text.width * text.mlp_ratio),
        num_hidden_layers: text.layers,
        num_attention_heads: text.heads,
        max_position_embeddings: text.context_length,
        // transformers' word for the largest id, which is where open_clip has the end.
        eos_token_id: 2,
      },
      vision_config: {
        ...common,
        model_type: 'clip_vision_model',
        hidden_size: vision.width,
        intermediate_size: Math.trunc(vision.width * vision.mlp_ratio),
        num_hidden_layers: vision.layers,
        num_attention_heads: vision.width / vision.head_width,
        image_size: vision.image_size,
        patch_size: vision.patch_size,
      },
    },
    preprocessor: preprocessorOf(seen, vision.image_size),
  };
};

const sectionOf = (model: Json, name: string, place: string): Json => {
  const section = model[name] ?? {};
  if (isObject(section)) return section;
  throw new WorkbenchError(
    'invalid-input',
    `${place}: model_cfg.${name} is ${valueText(section)}, not an object`,
  );
};

const preprocessorOf = (
  { size: given, mean, std, interpolation, resize_mode: mode }: z.output<typeof preprocessKeys>,
  ofModel: number,
): Json => {
  const [height, width] = Array.isArray(given) ? given : [given ?? ofModel, given ?? ofModel];
  const whole = { height, width };
  return {
    image_processor_type: 'CLIPImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    size: mode === 'squash' ? whole : { shortest_edge: Math.min(height, width) },
    resample: interpolation === 'bicubic' ? 3 : 2,
    do_center_crop: mode !== 'squash',
    crop_size: whole,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
};
