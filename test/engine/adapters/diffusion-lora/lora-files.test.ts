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

const name = `lora_unet_${flat}_to_q`;

test.each<[string, [string, number[]][], RegExp]>([
  ['LoHa', [[`${name}.hada_w1_a`, [4, 2]]], /it is a LoHa/],
  ['LoKr', [[`${name}.lokr_w1`, [2, 2]]], /it is a LoKr/],
  ['DoRA', [[`${name}.dora_scale`, [4, 1]]], /it is a DoRA/],
  ['a key that nobody knows', [[`${name}.novelty`, [4]]], /holds .*\.novelty, which is no part of a LoRA/],
  ['a layer that the base lacks', [['lora_unet_other.lora_down.weight', [2, 3]]], /base has no such layer/],
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
