import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import { selectWeights } from '../../../main/engine/adapters/layer/target-modules.ts';
import { methods } from '../../../main/engine/adapters/methods/index.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterMethod,
  type AdapterSettings,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import {
  exportedParameterCount,
  storedParameterCount,
  trainedParameterCount,
} from '../../../main/engine/budgets/parameter-costs.ts';
import { readSafetensorsHeader } from '../../../main/engine/formats/safetensors.ts';
import { calibrationOf } from '../../../main/engine/init/outer-parts.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { readModelWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { trainedLayout } from '../../../main/engine/train/model/trained-model.ts';
import { peftContents } from '../../../main/engine/peft/index.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { startedAdapter } from '../../support/moved-adapter.ts';

/** GPT-2: its weights lie the other way round, its layers have biases, and its head is tied. */
const folder = join(import.meta.dirname, '../../numeric/fixtures/gpt2');
const model = openModel(join(folder, 'model'));
const batches = readBatches(folder);
const temporary = mkdtempSync(join(tmpdir(), 'nora-budgets-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const small = { rank: 4, alpha: 8, targetRank: 3, outerRank: 16, innerRank: 4 };
const ofMethod = (method: AdapterMethod): object => {
  const { shape } = methods[method].schema;
  return { method, ...Object.fromEntries(Object.entries(small).filter(([name]) => name in shape)) };
};
const nora = ofMethod('nora');
const tables = ['wte', 'wpe', 'lm_head'];

const cases: readonly object[] = [
  // EVA shares its ranks out on the data: what it stores is known once it has.
  ...(Object.keys(methods) as AdapterMethod[]).map((method) =>
    method === 'eva' ? { ...ofMethod(method), rho: 1 } : ofMethod(method),
  ),
  ...(['lora', 'dora', 'vera', 'adalora', 'pissa', 'nora'] as const).map((method) => ({
    ...ofMethod(method),
    targetModules: tables,
  })),
  { ...nora, outerRank: '25%' },
  { ...nora, structure: 'dense-core' },
  { ...nora, structure: 'parallel-a' },
  { ...nora, structure: 'parallel-b', residualBase: true },
  { ...nora, structure: 'output' },
  { ...nora, structure: 'dense-output' },
  { ...nora, structure: 'none', vectors: true },
  { ...nora, outerTrained: true, magnitude: true },
  { method: 'lora', rank: 4, rankPattern: { c_attn: 8 }, alphaPattern: { 'mlp.c_proj': 3 } },
  { method: 'adalora', rank: 4, targetRank: 3, rankPattern: { c_attn: 8 } },
  { method: 'lora', rank: 4, targetModules: ['c_attn'], modulesToSave: ['wte'] },
  { method: 'lora', rank: 4, targetModules: ['c_attn'], modulesToSave: ['ln_f', 'h.0.mlp.c_fc'] },
  { method: 'vera', rank: 4, layersToTransform: [1], modulesToSave: ['ln_f'] },
];

const saved = async (settings: AdapterSettings) => {
  const { calibrates } = { calibrates: calibrationOf(describeAdapter(settings)).batches > 0 };
  const started = await startedAdapter(model, calibrates ? batches : batches.slice(0, 1), settings);
  const trainedWeights = selectWeights(model.trainableWeights, settings);
  const weights = trainedWeights.map((name) => ({ name, shape: model.weightShapes.get(name)! }));
  const values = {
    get: (key: string) => started.adapter.values.get(key) ?? readModelWeight(model, key),
  };
  return {
    started: { ...started, trainedWeights },
    adapter: { settings, layers: started.adapter.layers, weights, values },
  };
};

const numbersIn = (tensors: Iterable<{ readonly shape: readonly number[] }>): number =>
  [...tensors].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe('parameters counted from settings', () => {
  it.each(cases.map((settings) => [JSON.stringify(settings), settings] as const))(
    'are what an adapter that was made has: %s',
    async (_, given) => {
      const settings = adapterSettingsSchema.parse(given);
      const { started, adapter } = await saved(settings);
      const directory = join(mkdtempSync(join(temporary, 'adapter-')), 'adapter');
      await writeAdapter(directory, adapter);
      const { tensors } = readSafetensorsHeader(join(directory, 'adapter.safetensors'));
      expect(storedParameterCount(model, settings)).toBe(numbersIn(tensors.values()));
      expect(trainedParameterCount(model, settings)).toBe(trainedLayout(started).total);
      if (settings.method === 'full') return expect(exportedParameterCount(model, settings)).toBeNull();
      const { tensors: exported } = peftContents({ adapter, model, baseModel: null, residual: 'in-adapter' });
      return expect(exportedParameterCount(model, settings)).toBe(numbersIn(exported));
    },
  );
});
