import { describe, expect, it } from 'vitest';
import {
  backboneOf,
  backbones,
  clipLoraLayout,
  type Backbone,
  type Tower,
} from '../../../../main/engine/adapters/clip-lora/clip-lora-layout.ts';

const sites = (
  tower: Tower,
  layers: Iterable<number>,
  names: readonly string[] = ['q_proj', 'k_proj', 'v_proj'],
) =>
  [...layers].flatMap((layer) =>
    names.map((name) => ({ module: `${tower}_model.encoder.layers.${layer}.self_attn.${name}` })),
  );
const twelve = Array.from({ length: 12 }, (_, layer) => layer);
const layout = (
  adapted: readonly { module: string }[],
  backbone: Backbone = 'ViT-B/16',
  depths = { text: 12, vision: 12 },
) => clipLoraLayout(adapted, depths, backbone);

describe('what the loader of CLIP-LoRA is told', () => {
  it('of both towers: text layers first, then those that see', () => {
    const { layers, ...told } = layout([...sites('vision', twelve), ...sites('text', twelve)]);
    expect(told).toEqual({ encoder: 'both', params: ['q', 'k', 'v'], position: 'all' });
    expect(layers).toHaveLength(24);
    expect(layers[0]!.projections[0]).toEqual({
      saved: 'q_proj',
      module: 'text_model.encoder.layers.0.self_attn.q_proj',
    });
    expect(layers[23]!.projections[2]!.module).toBe('vision_model.encoder.layers.11.self_attn.v_proj');
  });

  it.each([
    ['vision', ['v_proj', 'out_proj'], [9, 10, 11], ['v', 'o'], 'top3'],
    ['text', ['q_proj'], [4, 5, 6, 7], ['q'], 'mid'],
    ['vision', ['q_proj', 'k_proj', 'v_proj', 'out_proj'], [8, 9, 10, 11], ['q', 'k', 'v', 'o'], 'up'],
  ] as const)('of %s: %j in %j', (tower, names, numbers, params, position) => {
    const { layers, ...told } = layout(sites(tower, numbers, names));
    expect(told).toEqual({ encoder: tower, params, position });
    expect(layers).toHaveLength(numbers.length);
    if (names.includes('out_proj' as never)) expect(layers[0]!.projections.at(-1)!.saved).toBe('proj');
  });

  it('of ViT-L/14, whose picture tower has twice the layers', () => {
    const vision = Array.from({ length: 12 }, (_, at) => at + 12);
    const both = [...sites('text', [6, 7, 8, 9, 10, 11]), ...sites('vision', vision)];
    const depths = { text: 12, vision: 24 };
    expect(layout(both, 'ViT-L/14', depths)).toMatchObject({ encoder: 'both', position: 'half-up' });
    expect([backboneOf(24, 14), backboneOf(12, 32), backboneOf(12, 16)]).toEqual(
      Object.keys(backbones).toReversed(),
    );
  });
});

it.each([
  [
    [...sites('vision', twelve), { module: 'visual_projection' }],
    'visual_projection is adapted, and it holds queries, keys, values and outputs of attention alone',
  ],
  [sites('vision', twelve, ['q_proj', 'fc2']), 'fc2 is adapted'],
  [
    sites('vision', [0, 3]),
    'it has no name for these layers (vision 0, 3); of a ViT-B/16 it knows all, half-up',
  ],
  [
    [...sites('text', twelve), ...sites('vision', [8, 9, 10, 11])],
    'it has no name for these layers (text 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11; vision 8, 9, 10, 11)',
  ],
  [
    [...sites('text', twelve, ['q_proj']), ...sites('vision', twelve, ['v_proj'])],
    'text_model.encoder.layers.0.self_attn.v_proj is not adapted',
  ],
])('an adapter that it can’t say is refused by name (%#)', (adapted, message) => {
  expect(() =>
    layout(adapted.map(({ module }) => ({ module: module.replace('self_attn.fc2', 'mlp.fc2') }))),
  ).toThrow(message);
});

it('a set of layers that the backbone does not have is refused', () => {
  expect(() => layout(sites('vision', [9, 10, 11]), 'ViT-B/32')).toThrow('of a ViT-B/32 it knows all');
});
