import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { readArchitecture } from '../../../main/engine/models/architectures/index.ts';
import { listWeights } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';

/** Pixels of a side of what it sees. */
export const pictureSide = 64;
export const longestText = 32;
export const vocabularySize = 1536;
/** Their ids are 0 and 1. */
export const [textStart, textEnd] = ['<|startoftext|>', '<|endoftext|>'];

const [width, inner, heads] = [128, 256, 4];
const shared = {
  hidden_size: width,
  intermediate_size: inner,
  num_attention_heads: heads,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
  attention_dropout: 0,
};
const [pictureLayers, textLayers, projection] = [4, 3, 96];

/** A CLIP of 1.2 million parameters, as transformers' CLIPModel reads it. */
export const smallClipConfig = {
  architectures: ['CLIPModel'],
  model_type: 'clip',
  projection_dim: projection,
  logit_scale_init_value: 2.6592,
  text_config: {
    ...shared,
    num_hidden_layers: textLayers,
    vocab_size: vocabularySize,
    max_position_embeddings: longestText,
    projection_dim: projection,
    bos_token_id: 0,
    eos_token_id: 1,
    pad_token_id: 1,
  },
  vision_config: {
    ...shared,
    num_hidden_layers: pictureLayers,
    image_size: pictureSide,
    patch_size: 16,
    projection_dim: projection,
  },
  torch_dtype: 'float32',
};

const preprocessor = {
  image_processor_type: 'CLIPImageProcessor',
  do_resize: true,
  size: { shortest_edge: pictureSide },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: pictureSide, width: pictureSide },
  do_convert_rgb: true,
  do_rescale: true,
  do_normalize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};

/** The spread of fresh weights by what a tensor is, as CLIP was started (Radford et al., 2021, section 2.5 and its code). */
const deviationOf = (name: string): number => {
  const layers = name.startsWith('text_model') ? textLayers : pictureLayers;
  const ofWidth = width ** -0.5;
  if (/(q_proj|k_proj|v_proj|fc2)\.weight$/.test(name)) return ofWidth * (2 * layers) ** -0.5;
  if (/fc1\.weight$/.test(name)) return (2 * width) ** -0.5;
  if (/(out_proj|class_embedding|_projection)/.test(name)) return ofWidth;
  return 0.02;
};

const freshTensor = (name: string, length: number, seed: number, index: number): Float32Array => {
  const data = new Float32Array(length);
  if (name === 'logit_scale') return data.fill(smallClipConfig.logit_scale_init_value);
  if (name.endsWith('.bias')) return data;
  if (/(norm\d?|layrnorm)\.weight$/.test(name)) return data.fill(1);
  const random = createRandom(seed, index);
  const deviation = deviationOf(name);
  return data.map(() => deviation * random.normal());
};

/** Writes the folder with weights to begin with, but for its tokenizer. @returns how many numbers it has */
export const writeFreshClip = (folder: string, seed: number): number => {
  mkdirSync(folder, { recursive: true });
  const json = (name: string, value: object): void =>
    writeFileWhole(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  json('config.json', smallClipConfig);
  json('preprocessor_config.json', preprocessor);
  const { weightShapes } = listWeights(readArchitecture(smallClipConfig, 'config.json'));
  const tensors = [...weightShapes].map(([name, shape], index) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return { name, dtype: 'F32' as const, shape, data: freshTensor(name, length, seed, index) };
  });
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  return tensors.reduce((sum, { data }) => sum + data.length, 0);
};
