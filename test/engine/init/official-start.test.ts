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
