import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allFactors, factorKey, layerAdapter } from '../../../../main/engine/adapters/layer/layer-adapter.ts';
import { describeAdapter } from '../../../../main/engine/adapters/settings/adapter-settings.ts';
import { initialiseAdapter } from '../../../../main/engine/init/initialise-adapter.ts';
import { openModel } from '../../../../main/engine/models/model.ts';
import { readPeft } from '../../../../main/engine/peft/index.ts';

/** PEFT trains A alone, so what it saved of B is the start that it made of the weights (test/peft/make-fixtures.py). */
const test = join(import.meta.dirname, '../../..');
const started = async (architecture: string, name: string) => {
  const model = openModel(join(test, 'numeric/fixtures', architecture, 'model'));
  const peft = readPeft(join(test, 'peft/fixtures', architecture, name), model.targetLayers);
  const description = describeAdapter(peft.settings);
  const values = await initialiseAdapter({ model, description, layers: peft.layers, seed: 1 });
  return { peft, description, values };
};

describe.each([
  ['llama', 'mica'],
  ['gpt2', 'mica'],
  ['gpt2', 'mica-tables'],
])("PEFT's adapter %s/%s", (architecture, name) => {
  it('starts with the B that PEFT makes, up to the signs of its columns, and A at zero', async () => {
    const { peft, description, values } = await started(architecture, name);
    for (const layer of peft.layers) {
      const [b, a] = ['lora_B', 'lora_A'].map((of) => `${layer.module}.${of}`) as [string, string];
      const { rank } = layerAdapter(description, layer);
      const [ours, theirs] = [values.get(b)!, peft.values.get(b)!];
      for (let column = 0; column < rank; column++) {
        const of = (all: Float32Array): Float32Array => all.filter((_, at) => at % rank === column);
        const [own, other] = [of(ours), of(theirs)];
        const sign = Math.sign(own.reduce((sum, value, at) => sum + value * other[at]!, 0));
        own.forEach((value, at) => expect(Math.abs(sign * value - other[at]!)).toBeLessThan(1e-4));
      }
      expect(values.get(a)!.every((value) => value === 0)).toBe(true);
      expect(peft.values.get(a)!.some((value) => value !== 0)).toBe(true);
    }
  });

  it('trains A alone', async () => {
    const { peft, description } = await started(architecture, name);
    for (const layer of peft.layers)
      expect(
        allFactors(layerAdapter(description, layer)).map((factor) => [
          factorKey(layer.module, factor),
          factor.trained,
        ]),
      ).toEqual([
        [`${layer.module}.lora_B`, false],
        [`${layer.module}.lora_A`, true],
      ]);
  });
});
