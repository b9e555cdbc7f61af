import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeKohyaFile } from '../../../../main/engine/adapters/diffusion-lora/kohya-file.ts';
import type { PlainPair } from '../../../../main/engine/adapters/diffusion-lora/plain-pairs.ts';
import { readLoraFile } from '../../../../main/engine/adapters/diffusion-lora/read-lora-file.ts';
import type { DiffusionConfig } from '../../../../main/engine/formats/diffusion/configuration.ts';
import {
  readSafetensorsHeader,
  readTensorFloat32,
  writeSafetensors,
  type TensorToWrite,
} from '../../../../main/engine/formats/safetensors.ts';
import type { LinearLayer } from '../../../../main/engine/models/architecture.ts';
import { publicModel } from '../../formats/diffusion/public-model.ts';

const root = mkdtempSync(join(tmpdir(), 'nora-lora-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const config = (of: 'sd-1.5' | 'sdxl'): DiffusionConfig => ({
  ...(publicModel(of).configs as unknown as DiffusionConfig),
  model_type: of === 'sdxl' ? 'stable-diffusion-xl' : 'stable-diffusion',
  scheduler: { prediction_type: 'epsilon' },
});

const attention = 'mid_block.attentions.0.transformer_blocks.0.attn1';
const layer = (module: string): LinearLayer => ({ module, outFeatures: 4, inFeatures: 3, bias: false });
const layers = [layer(`unet.${attention}.to_q`), layer(`unet.${attention}.to_v`)];

const pair = (of: LinearLayer, rank: number, alpha: number): PlainPair => ({
  layer: of,
  rank,
  alpha,
  down: new Float32Array(rank * 3).fill(1),
  up: new Float32Array(4 * rank).fill(0.5),
});

test('a file says one alpha for all, and a layer with another has the rest in its factor', () => {
  const path = join(root, 'kohya.safetensors');
  const pairs = [pair(layers[0]!, 2, 4), pair(layers[1]!, 2, 1), pair(layer('unet.conv_out'), 2, 4)];
  writeKohyaFile(path, pairs, config('sd-1.5'), { outputName: 'a', baseModelName: 'b', date: 'c' });
  const header = readSafetensorsHeader(path);
  const name = `lora_unet_${attention.replaceAll('.', '_')}_to_v`;
  const alphas = [...header.tensors.keys()].filter((key) => key.endsWith('.alpha'));
  expect(alphas.map((key) => readTensorFloat32(header, key)[0])).toEqual([4, 4, 4]);
  expect([...new Set(readTensorFloat32(header, `${name}.lora_up.weight`))]).toEqual([0.125]);
  expect(header.metadata['ss_network_alpha']).toBe('4');
});

const written = (...tensors: readonly (readonly [string, number[]])[]): string => {
  const path = join(mkdtempSync(join(root, 'case-')), 'lora.safetensors');
  writeSafetensors(
    path,
    tensors.map(([name, shape]) => ({
      name,
      dtype: 'F32',
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
    })),
  );
  return path;
};

const flat = attention.replaceAll('.', '_');
const original = 'lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q';

test.each([
  ['kohya’s', 'sd-1.5', `lora_unet_${flat}_to_q.lora_down.weight`, `lora_unet_${flat}_to_q.lora_up.weight`],
  ['the original code’s', 'sdxl', `${original}.lora_down.weight`, `${original}.lora_up.weight`],
  [
    'diffusers’ paths of SDXL',
    'sdxl',
    `lora_unet_${flat}_to_q.lora_down.weight`,
    `lora_unet_${flat}_to_q.lora_up.weight`,
  ],
  [
    'diffusers’',
    'sd-1.5',
    `unet.${attention}.to_q.lora.down.weight`,
    `unet.${attention}.to_q.lora.up.weight`,
  ],
  [
    'its older',
    'sd-1.5',
    `unet.${attention}.processor.to_q_lora.down.weight`,
    `unet.${attention}.processor.to_q_lora.up.weight`,
  ],
  ['PEFT’s', 'sd-1.5', `unet.${attention}.to_q.lora_A.weight`, `unet.${attention}.to_q.lora_B.weight`],
] as const)('%s names are read', (_, of, down, up) => {
  const path = written([down, [2, 3]], [up, [4, 2]]);
  const { settings, layers: found } = readLoraFile(path, { layers, config: config(of), base: 'base' });
  expect(found.map(({ module }) => module)).toEqual([`unet.${attention}.to_q`]);
  expect(settings).toMatchObject({ method: 'lora', rank: 2, alpha: 2 });
});

test.each(['', '.weight'])('lengths are read: lora_magnitude_vector%s', (end) => {
  const module = `unet.${attention}.to_q`;
  const path = written(
    [`${module}.lora.down.weight`, [2, 3]],
    [`${module}.lora.up.weight`, [4, 2]],
    [`${module}.lora_magnitude_vector${end}`, [4]],
  );
  const { settings, values } = readLoraFile(path, { layers, config: config('sd-1.5'), base: 'base' });
  expect(settings).toMatchObject({ method: 'dora', rank: 2, alpha: 2 });
  expect(values.get(`${module}.magnitude`)).toEqual(new Float32Array(4).fill(1));
});

const name = `lora_unet_${flat}_to_q`;

test.each([
  ['I64', BigInt64Array.of(3n)],
  ['I32', Int32Array.of(3)],
  ['F32', Float32Array.of(3)],
] as const)('an alpha may be written as %s, as diffusers’ conversion does', (dtype, data) => {
  const path = join(mkdtempSync(join(root, 'case-')), 'lora.safetensors');
  const factor = (part: string, shape: number[]) => ({
    ...{ name: `${name}.lora_${part}.weight`, dtype: 'F32' as const, shape },
    data: new Float32Array(shape[0]! * shape[1]!),
  });
  const alpha = { name: `${name}.alpha`, dtype, shape: [], data } as TensorToWrite;
  writeSafetensors(path, [factor('down', [2, 3]), factor('up', [4, 2]), alpha]);
  const { settings } = readLoraFile(path, { layers, config: config('sd-1.5'), base: 'base' });
  expect(settings).toMatchObject({ rank: 2, alpha: 3 });
});

test.each<[string, [string, number[]][], RegExp]>([
  ['LoHa', [[`${name}.hada_w1_a`, [4, 2]]], /it is a LoHa/],
  ['LoKr', [[`${name}.lokr_w1`, [2, 2]]], /it is a LoKr/],
  // What such a file has of layers that the base lacks, and names that a LoRA has too, come first.
  ...(
    [
      ['LoHa', 'hada_w1_a', /it is a LoHa/],
      ['LoKr', 'lokr_w1', /it is a LoKr/],
      ['IA³ of LyCORIS', 'on_input', /it is an IA³/],
      ['IA³ of PEFT', 'ia3_l', /it is an IA³/],
    ] as const
  ).map(([kind, key, message]): [string, [string, number[]][], RegExp] => [
    `${kind} for another base`,
    [
      ['lora_unet_other.alpha', []],
      ['lora_unet_other.weight', [4]],
      [`lora_unet_other.${key}`, [4]],
    ],
    message,
  ]),
  ...['emb_params', 'clip_g', '<sks>', 'bundle_emb.sks.string_to_param.*'].map(
    (key): [string, [string, number[]][], RegExp] => [
      `an embedding of words (${key})`,
      [[key, [2, 3]]],
      /an embedding of words.*neither imported nor merged; give it to the program that draws/,
    ],
  ),
  ['DoRA', [[`${name}.dora_scale`, [4, 1]]], /it is a DoRA.*import the merged model/],
  ['a key that nobody knows', [[`${name}.novelty`, [4]]], /holds .*\.novelty, which is no part of a LoRA/],
  ['a layer that the base lacks', [['lora_unet_other.lora_down.weight', [2, 3]]], /base has no such layer/],
  [
    'an alpha of several numbers',
    [
      [`${name}.lora_down.weight`, [2, 3]],
      [`${name}.lora_up.weight`, [4, 2]],
      [`${name}.alpha`, [2]],
    ],
    /\.alpha is \(2\), and should be one number/,
  ],
  [
    'a DoRA whose lengths some layers lack',
    [
      [`unet.${attention}.to_q.lora_A.weight`, [2, 3]],
      [`unet.${attention}.to_q.lora_B.weight`, [4, 2]],
      [`unet.${attention}.to_q.lora_magnitude_vector`, [4]],
      [`unet.${attention}.to_v.lora_A.weight`, [2, 3]],
      [`unet.${attention}.to_v.lora_B.weight`, [4, 2]],
    ],
    /to_v: its lora_magnitude_vector is missing, and other layers have one/,
  ],
  [
    'a DoRA with other lengths',
    [
      [`unet.${attention}.to_q.lora_A.weight`, [2, 3]],
      [`unet.${attention}.to_q.lora_B.weight`, [4, 2]],
      [`unet.${attention}.to_q.lora_magnitude_vector.weight`, [1, 5, 1, 1]],
    ],
    /lora_magnitude_vector\.weight is \(1 x 5 x 1 x 1\), and the layer gives 4 numbers/,
  ],
  ['half a pair', [[`${name}.lora_down.weight`, [2, 3]]], /its up is missing/],
  [
    'another width',
    [
      [`${name}.lora_down.weight`, [2, 5]],
      [`${name}.lora_up.weight`, [4, 2]],
    ],
    /is \(2 x 5\) and \(4 x 2\), and that layer of base takes 3 numbers and gives 4: it was made for another model/,
  ],
])('%s is refused by name', (_, tensors, message) => {
  const path = written(...tensors);
  expect(() => readLoraFile(path, { layers, config: config('sd-1.5'), base: 'base' })).toThrow(message);
  expect(() => readLoraFile(path, { layers, config: config('sd-1.5'), base: 'base' })).toThrow(path);
});
