import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { diffusionOf, vaeDecoder, vaeEncoder } from '../../../main/engine/models/diffusion-model.ts';
import { readArchitecture } from '../../../main/engine/models/architectures/index.ts';
import { listWeights, openModel, readModel } from '../../../main/engine/models/model.ts';
import { publicModel, publicModels } from '../formats/diffusion/public-model.ts';
import { graphOf } from './graph-text.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const folderOf = (name: string): ModelFolder => openModelFolder(join(fixtures, name, 'model'));
const folders = { sd15: folderOf('sd15'), sdxl: folderOf('sdxl') } as const;
type Config = Readonly<Record<string, unknown>>;

const withPart = (folder: ModelFolder, part: string, changes: Config): ModelFolder => ({
  ...folder,
  config: { ...folder.config, [part]: { ...(folder.config[part] as Config), ...changes } },
});

/** A sum over the graphs of all parts and what is worked out beside them, or why there are none. */
const outcome = (folder: ModelFolder): string => {
  try {
    const model = readModel(folder);
    const { times, vae, texts, schedule, added } = diffusionOf(model.architecture);
    const beside = [
      ...times([1, 900]),
      vae.scalingFactor,
      ...(added ? added.features([1, 2, 3, 4, 5, 6]) : []),
      ...texts.map(({ padId, endOf }) => `${padId} ${endOf([58, 3, 59, 2])}`),
      JSON.stringify(schedule),
    ];
    const graphs = [model, vaeEncoder(model), vaeDecoder(model)].map(graphOf);
    return createHash('sha256')
      .update([...graphs, ...beside].join('\n'))
      .digest('hex');
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
};

/** Keys of diffusers' and transformers' files that change no number of a forward pass, each with why. */
const neutral: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  unet: {
    sample_size: 'the size of pictures that nobody chooses',
    dropout: 'dropout of the base is off',
    upcast_attention: 'rounding in half precision',
    addition_embed_type_num_heads: 'of a pooling that no such model has',
  },
  vae: {
    sample_size: 'the size of pictures that nobody chooses',
    force_upcast: 'rounding in half precision',
  },
  text_encoder: {
    architectures: 'who wrote the file',
    attention_dropout: 'dropout of the base is off',
    bos_token_id: 'the tokenizer',
    dtype: 'each weight has its own type',
    initializer_factor: 'weights that are trained from scratch',
    initializer_range: 'weights that are trained from scratch',
    model_type: 'who wrote the file',
    projection_dim: 'of an encoder that makes no vector of a whole text',
  },
};
/** Where nothing is added to the timestep (addition_embed_type). */
const ofAdded = ['addition_time_embed_dim', 'projection_class_embeddings_input_dim'];
const neutralIn = (name: string, part: string, key: string): boolean =>
  (name === 'sd15' && ofAdded.includes(key)) ||
  key === '_diffusers_version' ||
  key === 'transformers_version' ||
  (key !== 'projection_dim' && part === 'text_encoder_2' && key in neutral['text_encoder']!) ||
  key in (neutral[part] ?? {});

const otherThan = (key: string, value: unknown): unknown => {
  if (key === 'eos_token_id') return 3;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0 ? 0.5 : value * 2;
  return typeof value === 'string' ? `other ${value}` : 7;
};

describe.each([
  ['sd15', 'unet'],
  ['sd15', 'vae'],
  ['sd15', 'text_encoder'],
  ['sdxl', 'unet'],
  ['sdxl', 'text_encoder_2'],
] as const)('%s, %s: every key of the file', (name, part) => {
  const folder = folders[name];
  const whole = outcome(folder);

  it('is read', () => expect(whole).not.toMatch(/^refused/));

  it.each(Object.entries(folder.config[part] as Config))('another %s', (key, value) => {
    const changed = outcome(withPart(folder, part, { [key]: otherThan(key, value) }));
    if (neutralIn(name, part, key)) return expect(changed).toBe(whole);
    expect(changed).not.toBe(whole);
    if (changed.startsWith('refused'))
      expect(changed).toMatch(new RegExp(`${key}|config.json makes it|asks for|${part}: .*channels`));
  });

  it('refuses one that it does not know, by its name', () =>
    expect(outcome(withPart(folder, part, { attention_twist: 0.5 }))).toMatch(
      `${part}: attention_twist is set to 0.5`,
    ));
});

describe('models that do something else are refused by what they are', () => {
  it.each<[keyof typeof folders, string, Config, string]>([
    ['sd15', 'unet', { in_channels: 9 }, 'in_channels is 9: an inpainting model'],
    ['sd15', 'unet', { in_channels: 8 }, 'InstructPix2Pix'],
    ['sd15', 'unet', { in_channels: 7 }, 'upscaler'],
    ['sd15', 'unet', { in_channels: 5 }, 'depth2img'],
    ['sd15', 'unet', { time_cond_proj_dim: 256 }, 'LCM'],
    ['sd15', 'unet', { out_channels: 8 }, 'out_channels is 8'],
    ['sd15', 'unet', { addition_embed_type: 'image' }, 'addition_embed_type'],
    ['sd15', 'unet', { cross_attention_dim: [24, 32, 24] }, 'levels that differ are not read'],
    ['sd15', 'unet', { attention_head_dim: [2, 2] }, 'attention_head_dim has 2 entries for the 3 levels'],
    ['sd15', 'unet', { attention_head_dim: 3 }, 'do not divide into 3 heads'],
    [
      'sdxl',
      'unet',
      { projection_class_embeddings_input_dim: 60 },
      'projection_dim 20 and 6 numbers of addition_time_embed_dim 8',
    ],
    ['sdxl', 'vae', { latents_mean: [0.1] }, 'latents_mean'],
    ['sdxl', 'text_encoder_2', { max_position_embeddings: 13 }, 'max_position_embeddings is 13'],
    ['sd15', 'scheduler', { prediction_type: 'sample' }, 'prediction_type'],
  ])('%s %s %j', (name, part, changes, message) => {
    const changed = outcome(withPart(folders[name], part, changes));
    expect(changed).toMatch(/^refused/);
    expect(changed).toContain(message);
  });

  it('an SDXL refiner, by its missing text encoder', () => {
    const { text_encoder: _, ...config } = folders.sdxl.config;
    expect(outcome({ ...folders.sdxl, config })).toContain('an SDXL refiner');
  });
});

it('asks for every tensor of the VAE, which no adapter sits on', () => {
  const { weightShapes, targetLayers } = openModel(join(fixtures, 'sd15/model'));
  expect(weightShapes.get('vae.encoder.conv_in.weight')).toEqual([8, 3, 3, 3]);
  expect(targetLayers.some(({ module }) => module.startsWith('vae.'))).toBe(false);
  const tensors = new Map(folders.sd15.tensors);
  tensors.delete('vae.decoder.conv_out.bias');
  expect(outcome({ ...folders.sd15, tensors })).toContain('no tensor vae.decoder.conv_out.bias');
});

it('passes over no more layers than there are', () => {
  const { architecture } = openModel(join(fixtures, 'sd15/model'));
  expect(() => diffusionOf(architecture).skipping(3)).toThrow('has 3 layers; 3 cannot be passed over');
});

describe.each(publicModels)('%s', (name) => {
  it('has the names and shapes of the public files', () => {
    const { configs, shapes } = publicModel(name);
    const config = {
      model_type: name === 'sdxl' ? 'stable-diffusion-xl' : 'stable-diffusion',
      ...configs,
      scheduler: folders.sd15.config['scheduler'],
    };
    const { weightShapes } = listWeights(readArchitecture(config, 'MODEL/config.json'));
    expect(Object.fromEntries(weightShapes)).toEqual(shapes);
  });
});
