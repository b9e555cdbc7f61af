import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeSafetensors, type TensorToWrite } from '../../../../main/engine/formats/safetensors.ts';
import { elementCount, type TensorDtype } from '../../../../main/engine/formats/tensor-dtype.ts';

/** Names and shapes of a public model's tensors, as make-names.py found them. */
export interface PublicModel {
  readonly configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Of diffusers' tensors, with the part before the name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Of the single file: its shape, and diffusers' tensors that lie in it, one behind the other. */
  readonly tensors: Readonly<
    Record<string, { shape: readonly number[]; holds: readonly string[]; turned?: boolean }>
  >;
}

export const publicModels = ['sd-1.5', 'sd-2.1', 'sdxl'] as const;
export type PublicName = (typeof publicModels)[number];

export const publicModel = (name: PublicName): PublicModel =>
  JSON.parse(
    gunzipSync(readFileSync(join(import.meta.dirname, 'names', `${name}.json.gz`))).toString(),
  ) as PublicModel;

/** The same model with every width a 64th of what it is. */
export const inMiniature = (shape: readonly number[]): number[] =>
  shape.map((size) => (size % 64 === 0 ? size / 64 : size));

/** Numbers between -1 and 1 that differ from tensor to tensor. */
const numbers = (name: string, count: number): Float32Array => {
  let state = [...name].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) >>> 0, 7);
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
};

const transposed = (values: Float32Array, rows: number, columns: number): Float32Array =>
  Float32Array.from(
    { length: values.length },
    (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!,
  );

/** What each of the original code's training left in its files beside the weights. */
const deadKeys = (name: PublicName): TensorToWrite[] => {
  const schedule = ['alphas_cumprod', 'betas', 'sqrt_alphas_cumprod', 'posterior_mean_coef1'];
  const buffers = (names: readonly string[]): TensorToWrite[] =>
    names.map((key) => ({ name: key, dtype: 'F32', shape: [1000], data: new Float32Array(1000) }));
  if (name === 'sdxl') return buffers(['denoiser.sigmas']);
  const positions: TensorToWrite = {
    name: 'cond_stage_model.transformer.text_model.embeddings.position_ids',
    dtype: 'I64',
    shape: [1, 77],
    data: BigInt64Array.from({ length: 77 }, (_, at) => BigInt(at)),
  };
  const averages: TensorToWrite[] = [
    { name: 'model_ema.decay', dtype: 'F32', shape: [], data: new Float32Array(1) },
    { name: 'model_ema.num_updates', dtype: 'I32', shape: [], data: new Int32Array(1) },
    { name: 'model_ema.diffusion_modelout2bias', dtype: 'F32', shape: [4], data: new Float32Array(4) },
  ];
  return [...buffers(schedule), ...averages, ...(name === 'sd-1.5' ? [positions] : [])];
};

export interface WrittenModel {
  /** Every tensor of diffusers', by its name with the part before it. */
  readonly values: ReadonlyMap<string, Float32Array>;
}

/** A single file as the public model's is: names, dead keys and all. */
export const writeCheckpoint = (
  path: string,
  name: PublicName,
  {
    dtype = 'F32',
    metadata = {},
    further = [],
    without = () => false,
  }: {
    dtype?: TensorDtype;
    metadata?: Record<string, string>;
    further?: readonly TensorToWrite[];
    without?: (name: string) => boolean;
  } = {},
): WrittenModel => {
  const { tensors } = publicModel(name);
  const values = new Map<string, Float32Array>();
  const written = Object.entries(tensors).map(([key, { shape, holds, turned }]): TensorToWrite => {
    const small = inMiniature(shape);
    const data = numbers(key, elementCount(small));
    holds.forEach((ours, at) => {
      const length = data.length / holds.length;
      const part = data.subarray(at * length, (at + 1) * length);
      values.set(ours, turned ? transposed(part, small[1]!, small[0]!) : part);
    });
    return { name: key, dtype, shape: small, data };
  });
  writeSafetensors(
    path,
    [...[...written, ...deadKeys(name)].filter((tensor) => !without(tensor.name)), ...further],
    metadata,
  );
  return { values };
};

const classes = {
  'sd-1.5': 'StableDiffusionPipeline',
  'sd-2.1': 'StableDiffusionPipeline',
  sdxl: 'StableDiffusionXLPipeline',
} as const;

/** As the VAE's attention is called in the files of SD 1.5, which were written by an older diffusers. */
const olderName = (name: string): string =>
  name
    .replace('.to_q.', '.query.')
    .replace('.to_k.', '.key.')
    .replace('.to_v.', '.value.')
    .replace('.to_out.0.', '.proj_attn.');

const stems = {
  unet: 'diffusion_pytorch_model',
  vae: 'diffusion_pytorch_model',
  text_encoder: 'model',
  text_encoder_2: 'model',
};

export const writeJson = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
};

/** The folder that diffusers has of the same model. */
export const writePipeline = (
  directory: string,
  name: PublicName,
  { values }: WrittenModel,
  { variant = '', sharded = false }: { variant?: string; sharded?: boolean } = {},
): void => {
  const { configs, shapes } = publicModel(name);
  const index: Record<string, unknown> = {
    _class_name: classes[name],
    _diffusers_version: '0.6.0',
    scheduler: ['diffusers', 'PNDMScheduler'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
    ...(name === 'sdxl'
      ? {
          text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'],
          tokenizer_2: ['transformers', 'CLIPTokenizer'],
          force_zeros_for_empty_prompt: true,
        }
      : {
          safety_checker: ['stable_diffusion', 'StableDiffusionSafetyChecker'],
          feature_extractor: ['transformers', 'CLIPFeatureExtractor'],
        }),
  };
  writeJson(join(directory, 'model_index.json'), index);
  writeJson(join(directory, 'scheduler/scheduler_config.json'), {
    _class_name: 'PNDMScheduler',
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    beta_start: 0.00085,
    num_train_timesteps: 1000,
    prediction_type: name === 'sd-2.1' ? 'v_prediction' : 'epsilon',
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
  });
  for (const [part, config] of Object.entries(configs)) {
    writeJson(join(directory, part, 'config.json'), config);
    const own = Object.entries(shapes).filter(([key]) => key.startsWith(`${part}.`));
    const tensors = own.map(([key, shape]): TensorToWrite => {
      const inFile = key.slice(part.length + 1);
      return {
        name: part === 'vae' && name === 'sd-1.5' ? olderName(inFile) : inFile,
        dtype: 'F32',
        shape: inMiniature(shape),
        data: values.get(key)!,
      };
    });
    if (part === 'text_encoder' && name === 'sd-1.5')
      tensors.push({
        name: 'text_model.embeddings.position_ids',
        dtype: 'I64',
        shape: [1, 77],
        data: BigInt64Array.from({ length: 77 }, (_, at) => BigInt(at)),
      });
    const stem = stems[part as keyof typeof stems];
    const write = (file: string, some: readonly TensorToWrite[]): void =>
      writeSafetensors(join(directory, part, file), some, { format: 'pt' });
    if (part !== 'unet' || !sharded) {
      write(`${stem}${variant}.safetensors`, tensors);
      continue;
    }
    const halves = [tensors.slice(0, 300), tensors.slice(300)];
    const files = halves.map((_, at) => `${stem}-0000${at + 1}-of-00002.safetensors`);
    halves.forEach((half, at) => write(files[at]!, half));
    writeJson(join(directory, part, `${stem}.safetensors.index.json`), {
      metadata: { total_size: 1 },
      weight_map: Object.fromEntries(
        halves.flatMap((half, at) => half.map((tensor) => [tensor.name, files[at]])),
      ),
    });
  }
};
