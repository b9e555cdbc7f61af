import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkpointConfiguration } from '../../../../main/engine/formats/diffusion/checkpoint-configuration.ts';
import {
  openModelFolder,
  readWeight,
  type TensorLocation,
} from '../../../../main/engine/formats/model-folder.ts';
import { writeModelFolder } from '../../../../main/engine/formats/model-folder-writer.ts';
import { writeSafetensors, type TensorToWrite } from '../../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { publicModel, publicModels, writeCheckpoint, writePipeline } from './public-model.ts';

const root = temporaryDirectory();
const temporary = (): string => mkdtempSync(join(root, 'case-'));

test.each(publicModels)(
  'a single file of %s is the folder that it came from, tensor by tensor',
  async (name) => {
    const directory = temporary();
    const file = join(directory, `${name}.safetensors`);
    const folder = join(directory, 'pipeline');
    const written = writeCheckpoint(file, name);
    mkdirSync(folder);
    writePipeline(folder, name, written);
    const [single, pipeline] = [openModelFolder(file), openModelFolder(folder)];
    expect([...single.tensors.keys()].sort()).toEqual([...pipeline.tensors.keys()].sort());
    expect([...pipeline.tensors.keys()].sort()).toEqual(Object.keys(publicModel(name).shapes).sort());
    for (const [key, { shape }] of pipeline.tensors) {
      expect(single.tensors.get(key)!.shape, key).toEqual(shape);
      const [ours, theirs] = [readWeight(single, key), readWeight(pipeline, key)];
      expect(Buffer.compare(Buffer.from(ours.buffer), Buffer.from(theirs.buffer)), key).toBe(0);
    }

    // Written again with nothing changed, the file has the same tensors, but for averages of weights.
    await writeModelFolder({
      source: single,
      destination: join(directory, 'again'),
      replace: () => undefined,
    });
    const again = openModelFolder(join(directory, 'again', `${name}.safetensors`));
    expect([...again.tensors].map(([key, { shape }]) => [key, shape])).toEqual(
      [...single.tensors].map(([key, { shape }]) => [key, shape]),
    );
    for (const key of single.tensors.keys())
      expect(readWeight(again, key), key).toEqual(readWeight(single, key));
  },
);

test.each(publicModels)('the shapes of %s say its config', (name) => {
  const { configs, tensors } = publicModel(name);
  const locations = new Map<string, TensorLocation>(
    Object.entries(tensors).map(([key, { shape }]) => [
      key,
      { file: '', dtype: 'F32', shape, offset: 0, length: 0 },
    ]),
  );
  const config = checkpointConfiguration(locations, { 'modelspec.prediction_type': 'v' }, 'a file');
  for (const [part, wanted] of Object.entries(configs)) expect(config[part], part).toMatchObject(wanted);
  expect(config.scheduler).toMatchObject({ prediction_type: 'v_prediction', beta_end: 0.012 });
});

const tellTale = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias';

test.each([
  ['v_prediction', 0.5],
  ['epsilon', 0.05],
])('SD 2.x that predicts %s is told by its numbers', (prediction, size) => {
  const file = join(temporary(), 'model.safetensors');
  const values = Float32Array.from({ length: 5 }, (_, at) => size * (at % 2 === 0 ? 1 : -1));
  writeCheckpoint(file, 'sd-2.1', {
    without: (name) => name === tellTale,
    further: [{ name: tellTale, dtype: 'F32', shape: [5], data: values }],
  });
  expect(openModelFolder(file).config['scheduler']).toMatchObject({ prediction_type: prediction });
});

test('a mark tells an SDXL that predicts v, from noise to the end', () => {
  const file = join(temporary(), 'model.safetensors');
  const marks = ['v_pred', 'ztsnr'].map((name): TensorToWrite => ({
    name,
    dtype: 'F32',
    shape: [0],
    data: new Float32Array(0),
  }));
  writeCheckpoint(file, 'sdxl', { further: marks });
  expect(openModelFolder(file).config['scheduler']).toMatchObject({
    prediction_type: 'v_prediction',
    rescale_betas_zero_snr: true,
  });
});

const fileOf = (tensors: Readonly<Record<string, readonly number[]>>): string => {
  const file = join(temporary(), 'model.safetensors');
  writeSafetensors(
    file,
    Object.entries(tensors).map(([name, shape]) => ({
      name,
      dtype: 'F32',
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    })),
  );
  return file;
};

const firstLayer = 'model.diffusion_model.input_blocks.0.0.weight';

test.each<[string, Record<string, number[]>, RegExp]>([
  [
    'an inpainting model',
    { [firstLayer]: [4, 9, 3, 3] },
    /takes 9 channels, so it takes a mask .*inpainting model; take/,
  ],
  ['a model that edits by instructions', { [firstLayer]: [4, 8, 3, 3] }, /takes 8 channels.*instructions/],
  [
    'a refiner',
    { [firstLayer]: [4, 4, 3, 3], 'conditioner.embedders.0.model.ln_final.weight': [4] },
    /refiner.*take the base model/,
  ],
  [
    'SD 3',
    { 'model.diffusion_model.joint_blocks.0.context_block.attn.qkv.weight': [4, 4] },
    /is Stable Diffusion 3/,
  ],
  ['FLUX', { 'double_blocks.0.img_attn.qkv.weight': [4, 4] }, /is FLUX/],
  [
    'an adapter',
    { 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight': [4, 4] },
    /holds an adapter \(LoRA\)/,
  ],
  ['a VAE', { 'first_stage_model.encoder.conv_in.weight': [4, 3, 3, 3] }, /is a VAE alone/],
  ['a U-Net without texts', { [firstLayer]: [4, 4, 3, 3] }, /no text encoder that is known/],
  ['EDM', { [firstLayer]: [4, 4, 3, 3], edm_mean: [4] }, /holds edm_mean.*EDM/],
  [
    'another model',
    { 'model.embed_tokens.weight': [4, 4] },
    /is not a diffusion model in the original names.*choose the folder/,
  ],
])('%s is refused by what it holds', (_, tensors, message) => {
  const file = fileOf(tensors);
  expect(() => openModelFolder(file)).toThrow(message);
  expect(() => openModelFolder(file)).toThrow(file);
});

test('a tensor that nobody knows is named', () => {
  const file = join(temporary(), 'model.safetensors');
  writeCheckpoint(file, 'sd-1.5', {
    further: [
      {
        name: 'model.diffusion_model.input_blocks.1.1.alpha',
        dtype: 'F32',
        shape: [1],
        data: new Float32Array(1),
      },
      { name: 'model.diffusion_model.novelty.weight', dtype: 'F32', shape: [1], data: new Float32Array(1) },
    ],
  });
  expect(() => openModelFolder(file)).toThrow(
    /holds model\.diffusion_model\.novelty\.weight, which a stable-diffusion model does not have/,
  );
});

test('pickles are refused under any name', () => {
  const directory = temporary();
  const file = join(directory, 'model.ckpt');
  writeSafetensors(file, []);
  expect(() => openModelFolder(file)).toThrow(/is a file, not a model folder/);
  expect(readFileSync(file).length).toBeGreaterThan(0);
});
