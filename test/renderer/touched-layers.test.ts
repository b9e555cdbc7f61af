import { describe, expect, test } from 'vitest';
import { adapterSettingsSchema } from '../../main/api/contract.ts';
import { placesOf, touchedLayers } from '../../renderer/source/screens/new-experiment/touched-layers.ts';
import { sampleModel } from './support/fake-entities.ts';

const touchedBy = (given: object): Record<string, string> =>
  Object.fromEntries(
    touchedLayers(placesOf(sampleModel), adapterSettingsSchema.parse(given))[0]!.rows.map(
      ({ name, touched }) => [name, touched.map((is) => (is ? 'x' : '.')).join('')],
    ),
  );

describe('the picture of layers', () => {
  test('has a square for each matrix, those filled that the adapter sits on', () => {
    expect(touchedBy({ method: 'lora' })).toMatchObject({ q_proj: 'xxxx', embed_tokens: '.', lm_head: '.' });
    expect(touchedBy({ method: 'lora', targetModules: ['v_proj', 'lm_head'] })).toMatchObject({
      q_proj: '....',
      v_proj: 'xxxx',
      lm_head: 'x',
    });
  });

  test('knows the numbers of layers, and that full fine-tuning takes all', () => {
    expect(touchedBy({ method: 'nora', layersToTransform: [0, 3] })).toMatchObject({
      q_proj: 'x..x',
      lm_head: '.',
    });
    expect(touchedBy({ method: 'full' })).toMatchObject({ q_proj: 'xxxx', embed_tokens: 'x', lm_head: 'x' });
  });
});
