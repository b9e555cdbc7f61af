import { describe, expect, test } from 'vitest';
import type { LayerPlace } from '../../main/api/contract.ts';
import { adapterSettingsSchema, trainedParameters } from '../../main/api/contract.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { withPlaces } from '../../renderer/source/screens/new-experiment/model-layers.svelte.ts';
import { touchedLayers } from '../../renderer/source/screens/new-experiment/touched-layers.ts';
import {
  choiceOf,
  namesIn,
  positionNames,
  targetsOf,
  type TowerChoice,
} from '../../renderer/source/screens/new-experiment/towers.ts';
import { comparer, sampleModel } from './support/fake-entities.ts';

/** As ViT-B/16 and ViT-L/14 have them, with what stands beside the layers. */
const layersOf = (vision: number, text: number): LayerPlace[] => {
  const size = { outFeatures: 8, inFeatures: 8 };
  const stack = (tower: string, count: number): LayerPlace[] =>
    Array.from({ length: count }, (_, layer) =>
      ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.out_proj', 'mlp.fc1'].map(
        (site) => ({ ...size, module: `${tower}.encoder.layers.${layer}.${site}` }),
      ),
    ).flat();
  return [
    { ...size, module: 'vision_model.embeddings.patch_embedding' },
    ...stack('vision_model', vision),
    { ...size, module: 'visual_projection' },
    { ...size, module: 'text_model.embeddings.token_embedding', role: 'embedding' },
    ...stack('text_model', text),
    { ...size, module: 'text_projection' },
  ];
};
const base = layersOf(12, 12);
const large = layersOf(24, 12);
const published = ['q_proj', 'k_proj', 'v_proj'];
const modulesOf = (layers: readonly LayerPlace[], choice: TowerChoice): string[] =>
  selectTargets(
    layers,
    adapterSettingsSchema.parse({ method: 'lora', targetModules: targetsOf(layers, choice) }),
  ).map(({ module }) => module);

describe('towers and positions', () => {
  // loralib/utils.py of CLIP-LoRA: INDEX_POSITIONS_TEXT, and those of ViT-B/16.
  test.each([
    ['bottom', [0, 1, 2, 3]],
    ['mid', [4, 5, 6, 7]],
    ['up', [8, 9, 10, 11]],
    ['half-bottom', [0, 1, 2, 3, 4, 5]],
    ['half-up', [6, 7, 8, 9, 10, 11]],
    ['top3', [9, 10, 11]],
  ] as const)('%s are the layers of CLIP-LoRA', (position, numbers) => {
    const modules = modulesOf(base, { towers: 'vision', position, names: ['q_proj'] });
    expect(modules).toEqual(numbers.map((layer) => `vision_model.encoder.layers.${layer}.self_attn.q_proj`));
  });

  test('all of both towers is a list of names, as files are written by hand', () => {
    expect(targetsOf(base, { towers: 'both', position: 'all', names: published })).toEqual(published);
  });

  test('each tower has positions of its own number of layers', () => {
    const modules = modulesOf(large, { towers: 'both', position: 'top3', names: ['v_proj'] });
    expect(modules).toEqual([
      ...[21, 22, 23].map((layer) => `vision_model.encoder.layers.${layer}.self_attn.v_proj`),
      ...[9, 10, 11].map((layer) => `text_model.encoder.layers.${layer}.self_attn.v_proj`),
    ]);
  });

  test.each([base, large])('what is chosen is found again in the settings', (...layers) => {
    for (const towers of ['both', 'vision', 'text'] as const)
      for (const position of positionNames)
        for (const names of [published, ['fc1'], ['q_proj']]) {
          const choice = { towers, position, names };
          const found = choiceOf(layers, targetsOf(layers, choice));
          expect({ ...found, names: found?.names.toSorted() }, JSON.stringify(choice)).toEqual({
            ...choice,
            names: names.toSorted(),
          });
        }
  });

  test('what no choice says is no choice, nor is an expression that is none', () => {
    expect(choiceOf(base, 'vision_model.*layers\\.(0|11)\\..*q_proj')).toBeUndefined();
    expect(choiceOf(base, 'visual_projection')).toBeUndefined();
    expect(choiceOf(base, '(')).toBeUndefined();
    expect(namesIn(base)).toEqual([...published, 'out_proj', 'fc1']);
  });
});

test('the picture of touched layers has both towers, layer by layer', () => {
  const targetModules = targetsOf(base, { towers: 'text', position: 'top3', names: ['q_proj'] });
  const towers = touchedLayers(base, adapterSettingsSchema.parse({ method: 'lora', targetModules }));
  const drawn = towers.map(({ tower, rows }) => {
    const row = rows.find(({ name }) => name === 'q_proj');
    return [tower, row?.touched.map((is) => (is ? 'x' : '.')).join('')];
  });
  expect(drawn).toEqual([
    ['vision', '............'],
    ['text', '.........xxx'],
  ]);
});

test('what a regular expression or numbers of layers choose is counted as the engine counts it', () => {
  const model = withPlaces({ ...sampleModel, ...comparer }, base);
  const count = (given: object): number =>
    trainedParameters(model, adapterSettingsSchema.parse({ method: 'lora', rank: 2, ...given }));
  const each = 2 * (8 + 8);
  const targetModules = targetsOf(base, { towers: 'vision', position: 'top3', names: published });
  expect(count({ targetModules })).toBe(9 * each);
  expect(count({ targetModules: ['q_proj'], layersToTransform: [0] })).toBe(2 * each);
});
