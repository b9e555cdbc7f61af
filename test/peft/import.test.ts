import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { peftContents, readPeft } from '../../main/engine/peft/index.ts';
import { describeAdapter } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { foldLayer } from '../../main/engine/adapters/layer/fold.ts';
import { writeModelFolder } from '../../main/engine/formats/model-folder-writer.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../main/engine/formats/safetensors.ts';
import { completeAdapter } from '../../main/engine/init/complete-adapter.ts';
import { multiply } from '../../main/engine/linear-algebra/matrix.ts';
import { readModelWeight } from '../../main/engine/models/weights/model-weights.ts';
import { openModel, type Model } from '../../main/engine/models/model.ts';
import type { TrainedModel } from '../../main/engine/train/model/trained-model.ts';
import { readBatches, readSingleTensor } from '../numeric/golden/golden-folder.ts';
import { firstRow, largestDifference, logitsOf } from './logits.ts';

/** What PEFT trained and saved, and the logits that it computes with it: see make-fixtures.py. */
const fixtures = join(import.meta.dirname, 'fixtures');
const modelFolder = (architecture: string): string =>
  join(import.meta.dirname, '../numeric/fixtures', architecture);
const adaptersOf = (architecture: string): string[] =>
  readdirSync(join(fixtures, architecture)).filter(
    (name) => !name.startsWith('corda-raw') && !/-start$/.test(name),
  );

const imported = async (
  model: Model,
  folder: string,
  options: { onResidualBase?: boolean } = {},
): Promise<TrainedModel> => {
  const read = readPeft(folder, model.targetLayers, options);
  return {
    model,
    adapter: {
      description: describeAdapter(read.settings),
      layers: read.layers,
      values: await completeAdapter(model, read),
    },
    trainedWeights: read.weights.map(({ name }) => name),
  };
};

const differences: number[] = [];
const compare = async (trained: TrainedModel, architecture: string, folder: string): Promise<void> => {
  const batch = firstRow(readBatches(modelFolder(architecture))[0]!);
  const difference = largestDifference(
    batch,
    await logitsOf(trained, batch),
    readSingleTensor(join(folder, 'logits.safetensors')),
  );
  differences.push(difference);
  expect(difference).toBeLessThan(1e-4);
};
afterAll(() =>
  console.log(
    `${differences.length} adapters of PEFT's: largest difference ${Math.max(...differences).toExponential(1)}`,
  ),
);

describe.each(readdirSync(fixtures))('on %s', (architecture) => {
  const model = openModel(join(modelFolder(architecture), 'model'));

  describe.each(adaptersOf(architecture))('%s', (name) => {
    const folder = join(fixtures, architecture, name);

    it("gives PEFT's logits", async () => compare(await imported(model, folder), architecture, folder));

    it('is written as PEFT wrote it', () => {
      const { settings, layers, weights, values } = readPeft(folder, model.targetLayers);
      const description = describeAdapter(settings);
      // A raw start belongs to another base, which the portable form takes in; masks of AdaLoRA are written as zeros.
      if (description.residual || name === 'adalora') return;
      const contents = peftContents({
        adapter: { settings, layers, weights, values },
        model,
        baseModel: null,
        residual: 'in-adapter',
      });
      const header = readSafetensorsHeader(join(folder, 'adapter_model.safetensors'));
      expect(contents.tensors.map((tensor) => tensor.name).sort()).toEqual([...header.tensors.keys()].sort());
      for (const { name: tensor, shape, data } of contents.tensors) {
        expect([tensor, shape]).toEqual([tensor, header.tensors.get(tensor)!.shape]);
        expect(data).toEqual(readTensorFloat32(header, tensor));
      }
      const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
      const { peft_type, r, use_rslora = false, use_dora = false, lora_dropout, vera_dropout } = config;
      const { config: ours } = contents;
      expect([ours['peft_type'], ours['r']]).toEqual([peft_type, r]);
      expect([ours['use_dora'] ?? false, ours['lora_dropout'], ours['vera_dropout']]).toEqual([
        use_dora,
        lora_dropout,
        vera_dropout,
      ]);
      // With magnitudes the same scaling is said by a larger alpha.
      if (!use_dora)
        expect([ours['use_rslora'] ?? false, ours['lora_alpha']]).toEqual([use_rslora, config.lora_alpha]);
      for (const key of Object.keys(ours)) expect(config, key).toHaveProperty(key);
    });
  });
});

describe('settings', () => {
  const { targetLayers } = openModel(join(modelFolder('llama'), 'model'));
  const settingsOf = (name: string): object => readPeft(join(fixtures, 'llama', name), targetLayers).settings;

  it.each([
    ['lora', { method: 'lora', rank: 4, alpha: 8, dropout: 0.1, targetModules: ['down_proj', 'q_proj'] }],
    ['rslora', { method: 'rslora', rank: 4, alpha: 8 }],
    ['dora', { method: 'dora', rank: 4, alpha: 8 }],
    [
      'dora-rslora',
      {
        method: 'dora',
        alpha: 16,
        rankPattern: { 'model.layers.0.mlp.down_proj': 2 },
        alphaPattern: { 'model.layers.0.mlp.down_proj': 8 * Math.SQRT2 },
      },
    ],
    ['chosen-layers', { targetModules: ['q_proj', 'v_proj'], layersToTransform: [1] }],
    ['whole-module', { targetModules: ['v_proj'], modulesToSave: ['post_attention_layernorm'] }],
    ['pissa-raw', { method: 'pissa', rank: 4 }],
    ['pissa-portable', { method: 'lora', rank: 8, alpha: 16 }],
    ['olora-raw', { method: 'olora', rank: 4 }],
    ['eva', { method: 'eva', rank: 4, rho: 1 }],
    ['mica', { method: 'mica', rank: 4, alpha: 8, targetModules: ['down_proj', 'q_proj'] }],
    ['vera', { method: 'vera', rank: 8, initial: 0.2, dropout: 0.05 }],
    ['adalora', { method: 'adalora', rank: 6, targetRank: 3, initialSteps: 1, finalSteps: 1 }],
  ])('of %s', (name, settings) => expect(settingsOf(name)).toMatchObject(settings));
});

describe("CorDA's raw adapter", () => {
  const folder = join(fixtures, 'llama/corda-raw');
  const model = openModel(join(modelFolder('llama'), 'model'));

  it('is refused on the base model, with what to do', () =>
    expect(() => readPeft(folder, model.targetLayers)).toThrow(
      /init_lora_weights is corda: the adapter belongs to the base that its start changed.*path_initial_model_for_weight_conversion/,
    ));

  it("gives PEFT's logits on its residual base", async () => {
    const start = readPeft(join(fixtures, 'llama/corda-start'), model.targetLayers);
    const description = describeAdapter(start.settings);
    const taken = new Map(
      start.layers.map((layer) => {
        const { rank, loraA, loraB } = foldLayer(description, layer, start.values);
        const { data } = multiply(
          { rows: layer.outFeatures, columns: rank, data: loraB },
          { rows: rank, columns: layer.inFeatures, data: loraA },
        );
        return [`${layer.module}.weight`, data];
      }),
    );
    const destination = join(mkdtempSync(join(tmpdir(), 'nora-corda-')), 'base');
    await writeModelFolder({
      source: model.folder,
      destination,
      replace: (name) => {
        const given = taken.get(name);
        return given && readModelWeight(model, name).map((value, at) => value - given[at]!);
      },
    });
    await compare(await imported(openModel(destination), folder, { onResidualBase: true }), 'llama', folder);
  });
});
