import type { TensorLocation } from '../safetensors-reader.ts';
import type { WeightPart } from './configuration.ts';

/** The VAE's attention as diffusers called it before 0.18; the files of SD 1.5 have it so to this day. */
const olderAttention = new Map([
  ['query', 'to_q'],
  ['key', 'to_k'],
  ['value', 'to_v'],
  ['proj_attn', 'to_out.0'],
]);

const attentionOfVae = /^((?:en|de)coder\.mid_block\.attentions\.\d+)\.(.+)\.(weight|bias)$/;
const lines = /^(to_q|to_k|to_v|to_out\.0)$/;

/** Buffers that older versions of transformers saved. */
const positionIds = /(^|\.)embeddings\.position_ids$/;

const ofVae = (name: string, location: TensorLocation): [string, TensorLocation] => {
  const [, module, inner = '', kind] = attentionOfVae.exec(name) ?? [];
  if (module === undefined) return [name, location];
  const current = olderAttention.get(inner) ?? inner;
  return [
    `${module}.${current}.${kind}`,
    kind === 'weight' && lines.test(current) ? withoutKernel(location) : location,
  ];
};

/** A convolution with a kernel of 1 x 1 (or of 1) as the matrix that it is. */
export const withoutKernel = (location: TensorLocation): TensorLocation =>
  location.shape.length > 2 && location.shape.slice(2).every((size) => size === 1)
    ? { ...location, shape: location.shape.slice(0, 2) }
    : location;

/**
 * What a tensor of a part's file is called now, and its shape; null for one that says nothing. transformers 5 leaves out `text_model.` where
 * the encoder has no projection.
 */
export const currentName = (
  part: WeightPart,
  name: string,
  location: TensorLocation,
): [string, TensorLocation] | null => {
  if (positionIds.test(name)) return null;
  if (part === 'vae') return ofVae(name, location);
  if (part === 'unet' || /^(text_model|text_projection)\./.test(name)) return [name, location];
  return [`text_model.${name}`, location];
};
