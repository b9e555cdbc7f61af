import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { openModel } from '../../../main/engine/models/model.ts';

const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

it("draws NoRA's inner pair within the bounds of the published code, which holds it transposed", async () => {
  const [outerRank, innerRank] = [32, 4];
  const settings = {
    method: 'nora',
    preset: 'official-code',
    outerRank,
    innerRank,
    activationMatrix: { kind: 'none' },
  };
  const description = describeAdapter(adapterSettingsSchema.parse(settings));
  const layers = model.linearLayers.slice(0, 3);
  const values = await initialiseAdapter({ model, description, layers, seed: 1 });
  for (const { module } of layers) {
    // kaiming_uniform_(r x r', a = sqrt 5): sqrt(6 / (6 r')); kaiming_uniform_(r' x r): sqrt(6 / r).
    const first = largest(values.get(`${module}.inner_A`)!) * Math.sqrt(innerRank);
    const second = largest(values.get(`${module}.inner_B`)!) / Math.sqrt(6 / outerRank);
    for (const share of [first, second]) {
      expect(share).toBeLessThanOrEqual(1);
      expect(share).toBeGreaterThan(0.93);
    }
  }
});

it('draws a dense core with the slope of the first factor, as the published code does', async () => {
  const outerRank = 32;
  const settings = { method: 'nora', preset: 'official-code', structure: 'dense-core', outerRank };
  const description = describeAdapter(
    adapterSettingsSchema.parse({ ...settings, activationMatrix: { kind: 'none' } }),
  );
  const layers = model.linearLayers.slice(0, 3);
  const values = await initialiseAdapter({ model, description, layers, seed: 1 });
  for (const { module } of layers) {
    // kaiming_uniform_(r x r, a = sqrt 5)
    const share = largest(values.get(`${module}.inner_R`)!) * Math.sqrt(outerRank);
    expect(share).toBeLessThanOrEqual(1);
    expect(share).toBeGreaterThan(0.93);
  }
});

it("draws the inner pair of the published code's variant C from the standard normal distribution", async () => {
  const settings = {
    ...{ method: 'nora', preset: 'official-code', innerStart: 'official-normal', outerRank: '80%' },
    ...{ innerRank: 16, activationMatrix: { kind: 'none' } },
  };
  const description = describeAdapter(adapterSettingsSchema.parse(settings));
  const layers = model.linearLayers.slice(0, 3);
  const values = await initialiseAdapter({ model, description, layers, seed: 1 });
  const drawn = layers.flatMap(({ module }) => [
    ...values.get(`${module}.inner_A`)!,
    ...values.get(`${module}.inner_B`)!,
  ]);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  const variance = drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0) / drawn.length;
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(drawn.length));
  expect(Math.abs(variance - 1)).toBeLessThan(6 / Math.sqrt(drawn.length));
});
