import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { targetName } from '../../../main/engine/models/architecture.ts';
import { towersOf } from '../../../main/engine/models/compared-model.ts';
import { buildForward, readModel } from '../../../main/engine/models/model.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const folder = openModelFolder(join(fixtures, 'siglip/model'));
type Config = Readonly<Record<string, unknown>>;
const changed = (changes: Config): ModelFolder => ({ ...folder, config: { ...folder.config, ...changes } });
const text = folder.config['text_config'] as Config;
const vision = folder.config['vision_config'] as Config;

describe('the configuration', () => {
  it.each<[Config, string]>([
    [
      { vision_config: { ...vision, patch_size: 19 } },
      'vision_config: patch_size 19 is larger than image_size 18',
    ],
    [
      { vision_config: { ...vision, num_attention_heads: 5 } },
      'vision_config: hidden_size 32 does not divide',
    ],
    [{ vision_config: { ...vision, vision_use_head: false } }, 'vision_config: vision_use_head'],
    [{ vision_config: { ...vision, num_patches: 256 } }, 'vision_config: num_patches is set to 256'],
    [{ vision_config: { ...vision, patch_size: [4, 4] } }, 'vision_config: patch_size'],
    [{ text_config: { ...text, projection_size: null } }, 'text_config: projection_size 24 is not the 32'],
    [{ text_config: 7 }, 'text_config is 7, not an object'],
    [{ model_type: 'siglip2' }, 'NaFlex form'],
    [{ model_type: 'siglip2' }, 'take a SigLIP 2 of a fixed resolution'],
  ])('is refused by name: %j', (changes, message) =>
    expect(() => readModel(changed(changes))).toThrow(message),
  );
});

it('has the linear sites of both towers, and none in the attention of the pooling head', () => {
  const { linearLayers, targetLayers } = readModel(folder);
  const modules = linearLayers.map(({ module }) => module);
  expect(modules).toHaveLength(2 * 2 * 6 + 2 + 1);
  expect(modules).toContain('vision_model.head.mlp.fc1');
  expect(modules).toContain('text_model.head');
  expect(modules.filter((module) => module.includes('head.attention'))).toEqual([]);
  expect(targetLayers.filter(({ role }) => role === 'embedding').map(targetName)).toEqual([
    'token_embedding',
    'position_embedding',
  ]);
});

it('sees texts of one length, whose last token stands for them', () => {
  const { texts, captions } = towersOf(readModel(folder).architecture);
  expect(texts.length).toBe(12);
  expect(texts.endOf(Array<number>(12).fill(3))).toBe(11);
  expect(() => texts.endOf([3, 4, 59])).toThrow('a text of 3 tokens is not padded to the 12');
  expect(captions).toBe('caption-matches');
});

it('computes one row of each text in the last layer, and all patches, which the pooling looks at', () => {
  const rows = new Map<string, unknown>();
  buildForward(createGraphBuilder(), readModel(folder), {
    positions: 12,
    adapt: ({ layer: { module }, input }) => void rows.set(module, input.shape[0]),
  });
  const rowsOf = (tower: string, site: string): unknown => rows.get(`${tower}.encoder.layers.1.${site}`);
  expect(['self_attn.k_proj', 'mlp.fc2'].map((site) => rowsOf('text_model', site))).toEqual([
    'batch*sequence',
    'batch',
  ]);
  expect(['self_attn.k_proj', 'mlp.fc2'].map((site) => rowsOf('vision_model', site))).toEqual([
    '16*images',
    '16*images',
  ]);
});
