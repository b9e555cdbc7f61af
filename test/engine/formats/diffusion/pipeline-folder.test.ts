import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadPipelineTokenizers } from '../../../../main/engine/data/tokens/pipeline-tokenizers.ts';
import { openModelFolder, readWeight } from '../../../../main/engine/formats/model-folder.ts';
import { writeModelFolder } from '../../../../main/engine/formats/model-folder-writer.ts';
import { readModelFiles } from '../../../../main/engine/formats/model-identity.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { publicModel, writeCheckpoint, writeJson, writePipeline, type WrittenModel } from './public-model.ts';

const root = temporaryDirectory();
const temporary = (): string => mkdtempSync(join(root, 'case-'));
const made = writeCheckpoint(join(root, 'sd-1.5.safetensors'), 'sd-1.5');

const pipeline = (options: Parameters<typeof writePipeline>[3] = {}, of: WrittenModel = made): string => {
  const directory = temporary();
  writePipeline(directory, 'sd-1.5', of, options);
  for (const [file, contents] of Object.entries({
    'tokenizer/vocab.json': '{}',
    'tokenizer/merges.txt': '',
    'safety_checker/pytorch_model.bin': 'a pickle',
    'feature_extractor/preprocessor_config.json': '{}',
    'v1-5-pruned.ckpt': 'a pickle',
    'README.md': '',
  })) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), contents);
  }
  return directory;
};

test.each([
  ['in half precision alone', { variant: '.fp16' }],
  ['in shards with an index', { sharded: true }],
])('a pipeline %s is read', (_, options) => {
  const folder = openModelFolder(pipeline(options));
  expect([...folder.tensors.keys()].sort()).toEqual(Object.keys(publicModel('sd-1.5').shapes).sort());
  expect(folder.config).toMatchObject({
    model_type: 'stable-diffusion',
    unet: { cross_attention_dim: 768 },
    text_encoder: { hidden_act: 'quick_gelu' },
    vae: { scaling_factor: 0.18215 },
    scheduler: { prediction_type: 'epsilon' },
  });
});

test('in the Hub’s cache, links lead to blobs', () => {
  const cache = join(temporary(), 'models--somebody--model');
  const snapshot = join(cache, 'snapshots', 'abc');
  writePipeline(snapshot, 'sd-1.5', made);
  const blob = join(cache, 'blobs', '0123');
  mkdirSync(dirname(blob));
  const weights = join(snapshot, 'vae/diffusion_pytorch_model.safetensors');
  renameSync(weights, blob);
  symlinkSync(blob, weights);
  const folder = openModelFolder(snapshot);
  expect(folder.tensors.get('vae.quant_conv.bias')!.file).toBe(blob);
});

test('a part that is a link out of the folder is not followed', () => {
  const directory = pipeline();
  const elsewhere = temporary();
  renameSync(join(directory, 'vae'), join(elsewhere, 'vae'));
  symlinkSync(join(elsewhere, 'vae'), join(directory, 'vae'));
  expect(() => openModelFolder(directory)).toThrow(/leads out of its folder/);
});

test('written again it has the same layout, names and bytes, and no filter that is not there', async () => {
  const directory = pipeline();
  const destination = join(temporary(), 'copy');
  await writeModelFolder({
    source: openModelFolder(directory),
    destination,
    replace: (name, { shape }) =>
      name === 'vae.encoder.mid_block.attentions.0.to_q.weight'
        ? new Float32Array(shape[0]! * shape[1]!).fill(0.5)
        : undefined,
  });
  for (const part of ['unet/diffusion_pytorch_model', 'text_encoder/model'])
    expect(
      Buffer.compare(
        readFileSync(join(destination, `${part}.safetensors`)),
        readFileSync(join(directory, `${part}.safetensors`)),
      ),
    ).toBe(0);
  const vae = readFileSync(join(destination, 'vae/diffusion_pytorch_model.safetensors'));
  expect(vae.toString('latin1')).toContain('encoder.mid_block.attentions.0.query.weight');
  expect([
    ...new Set(readWeight(openModelFolder(destination), 'vae.encoder.mid_block.attentions.0.to_q.weight')),
  ]).toEqual([0.5]);
  const index = JSON.parse(readFileSync(join(destination, 'model_index.json'), 'utf8')) as object;
  expect(index).toMatchObject({ safety_checker: [null, null], requires_safety_checker: false });
  const files = await readModelFiles(destination);
  expect(files.map(({ name }) => name)).toEqual([
    'model_index.json',
    'scheduler/scheduler_config.json',
    'text_encoder/config.json',
    'text_encoder/model.safetensors',
    'tokenizer/merges.txt',
    'tokenizer/vocab.json',
    'unet/config.json',
    'unet/diffusion_pytorch_model.safetensors',
    'vae/config.json',
    'vae/diffusion_pytorch_model.safetensors',
  ]);
});

test.each([
  [{ _class_name: 'StableDiffusionInpaintPipeline' }, /inpainting model.*take the Stable Diffusion/],
  [{ _class_name: 'StableDiffusionXLImg2ImgPipeline' }, /a refiner, or/],
  [
    {
      _class_name: 'StableDiffusionXLPipeline',
      text_encoder: [null, null],
      text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'],
    },
    /is SDXL's refiner.*take the base model/,
  ],
  [{ _class_name: 'StableDiffusion3Pipeline' }, /is Stable Diffusion 3/],
  [{ _class_name: 'FluxPipeline' }, /is FLUX/],
  [{ _class_name: 'AudioLDMPipeline' }, /AudioLDMPipeline is not done \(done: StableDiffusionPipeline/],
  [{ vae: ['diffusers', 'AutoencoderTiny'] }, /vae is AutoencoderTiny, not AutoencoderKL/],
  [
    { image_encoder: ['transformers', 'CLIPVisionModelWithProjection'] },
    /the part image_encoder \(CLIPVision/,
  ],
])('a pipeline with %o is refused by name', (change, message) => {
  const directory = pipeline();
  const index = join(directory, 'model_index.json');
  writeJson(index, { ...(JSON.parse(readFileSync(index, 'utf8')) as object), ...change });
  expect(() => openModelFolder(directory)).toThrow(message);
  expect(() => openModelFolder(directory)).toThrow(index);
});

test('a U-Net that takes a mask is refused by its channels', () => {
  const directory = pipeline();
  const config = join(directory, 'unet/config.json');
  writeJson(config, { ...publicModel('sd-1.5').configs['unet'], in_channels: 9 });
  expect(() => openModelFolder(directory)).toThrow(`${config}: the U-Net takes 9 channels`);
});

test('pickles alone, and parts that are missing, are named', () => {
  const directory = pipeline();
  renameSync(
    join(directory, 'unet/diffusion_pytorch_model.safetensors'),
    join(directory, 'unet/diffusion_pytorch_model.bin'),
  );
  expect(() => openModelFolder(directory)).toThrow(/diffusion_pytorch_model\.bin: weights in pickle format/);
  rmSync(join(directory, 'unet/diffusion_pytorch_model.bin'));
  expect(() => openModelFolder(directory)).toThrow(/unet: no weights/);
});

test('a single file is one file of a model, whatever lies beside it', async () => {
  const files = await readModelFiles(join(root, 'sd-1.5.safetensors'));
  expect(files).toMatchObject([{ name: 'sd-1.5.safetensors', kind: 'weights' }]);
});

test.each(['unet', 'vae', 'text_encoder', 'scheduler'])(
  'without its %s the part is missed, not a file of it',
  (part) => {
    const directory = pipeline();
    rmSync(join(directory, part), { recursive: true });
    expect(() => openModelFolder(directory)).toThrow(
      `${join(directory, part)}: this part of the pipeline is missing`,
    );
  },
);

test.each([
  'unet/config.json',
  'vae/config.json',
  'text_encoder/config.json',
  'scheduler/scheduler_config.json',
])('without %s that is told as what is missing', (file) => {
  const directory = pipeline();
  rmSync(join(directory, file));
  expect(() => openModelFolder(directory)).toThrow(
    `${join(directory, file)}: this part of the pipeline is missing; a download has to be whole: fetch ${file} too`,
  );
});

test('without its tokenizer the part is missed as well', () => {
  const directory = pipeline();
  rmSync(join(directory, 'tokenizer'), { recursive: true });
  expect(() => loadPipelineTokenizers(openModelFolder(directory))).toThrow(
    `${join(directory, 'tokenizer')}: this part of the pipeline is missing`,
  );
});

test.each([
  [
    'unet',
    'UNet2DConditionModel',
    /is one part of a diffusion model \(UNet2DConditionModel\); choose the folder/,
  ],
  [
    'unet',
    'ControlNetModel',
    /is a ControlNetModel, which steers a model that draws and is none; take the Stable/,
  ],
])('the folder %s of a %s is refused by what it is', (part, name, message) => {
  const folder = join(pipeline(), part);
  const config = join(folder, 'config.json');
  writeJson(config, { ...(JSON.parse(readFileSync(config, 'utf8')) as object), _class_name: name });
  expect(() => openModelFolder(folder)).toThrow(message);
});

test('parts without the index that names them', () => {
  const directory = pipeline();
  rmSync(join(directory, 'model_index.json'));
  expect(() => openModelFolder(directory)).toThrow('model_index.json is missing, which names the parts');
});
