import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergedFolder } from '../../main/engine/adapters/folder/merged-folder.ts';
import { foldLayer } from '../../main/engine/adapters/layer/fold.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { writeModelFolder } from '../../main/engine/formats/model-folder-writer.ts';
import { readSafetensorsHeader } from '../../main/engine/formats/safetensors.ts';
import { comparedWith } from '../../main/engine/models/compared-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { peftContents, writePeft } from '../../main/engine/peft/index.ts';
import { sampleBatch, sampleLogits } from '../../main/trainer/export/export-check.ts';
import { withPeftAdapter } from '../../main/trainer/export/peft-model.ts';
import { readRun } from '../numeric/golden/golden-run.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nora-tower-export-'));
const difference = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));

const common = ['q_proj', 'k_proj', 'v_proj', 'fc2'];
const own = {
  clip: { targetModules: [...common, 'visual_projection', 'text_projection'], head: 'visual_projection' },
  siglip: { targetModules: [...common, 'head', 'out_proj'], head: 'text_model.head' },
} as const;
const methods = [
  { method: 'lora', rank: 3, alpha: 6 },
  { method: 'dora', rank: 3, alpha: 6 },
  { method: 'nora', outerRank: 10, innerRank: 3, alpha: 6 },
] as const;

describe.each((['clip', 'siglip'] as const).flatMap((name) => methods.map((method) => ({ name, method }))))(
  '$method.method on both towers of a $name',
  ({ name, method }) => {
    const { model, batches } = readRun(join(import.meta.dirname, '../numeric/fixtures', name));
    const batch = sampleBatch(model);
    const { targetModules, head } = own[name];
    const settings = adapterSettingsSchema.parse({ ...method, targetModules });
    const folder = (what: string): string => join(scratch, `${name}-${method.method}-${what}`);
    const trained = async () => {
      const { moved } = movedAdapter(await startedAdapter(model, batches, settings));
      return { moved, logits: await sampleLogits(moved, batch, 1) };
    };

    it('is a folder of PEFT, by the names of both towers, that gives the same logits', async () => {
      const { moved, logits } = await trained();
      const { layers, values } = moved.adapter;
      await writePeft(folder('peft'), {
        adapter: { settings, layers, weights: [], values },
        model,
        baseModel: `someone/${name}`,
        residual: 'in-adapter',
      });
      const names = [
        ...readSafetensorsHeader(join(folder('peft'), 'adapter_model.safetensors')).tensors.keys(),
      ];
      for (const tower of ['text_model', 'vision_model'])
        expect(names).toContain(`base_model.model.${tower}.encoder.layers.1.self_attn.q_proj.lora_A.weight`);
      expect(names).toContain(`base_model.model.${head}.lora_B.weight`);
      const config = JSON.parse(readFileSync(join(folder('peft'), 'adapter_config.json'), 'utf8')) as object;
      expect(config).toMatchObject({ task_type: null });
      const read = await withPeftAdapter(model, folder('peft'));
      expect(difference(await sampleLogits(read, batch, 1), logits)).toBeLessThan(1e-4);
      const base = await sampleLogits({ model, adapter: null, trainedWeights: [] }, batch, 1);
      expect(difference(base, logits)).toBeGreaterThan(0.01);
    });

    it('merges into a folder of the same names that gives the same logits', async () => {
      const { moved, logits } = await trained();
      const { description, layers, values } = moved.adapter;
      const folded = layers.map((layer) => foldLayer(description, layer, values));
      const { changes } = mergedFolder(model, folded, { whole: [], values });
      await writeModelFolder({ source: model.folder, destination: folder('merged'), ...changes });
      const merged = comparedWith(openModel(folder('merged')), 'class-prompts', 5);
      expect([...merged.folder.tensors.keys()]).toEqual([...model.folder.tensors.keys()]);
      const alone = await sampleLogits({ model: merged, adapter: null, trainedWeights: [] }, batch, 1);
      expect(difference(alone, logits)).toBeLessThan(1e-4);
    });
  },
);

it('names whole paths where PEFT would take more for a name: the out_proj and the head of the pictures of a siglip', () => {
  const { model } = readRun(join(import.meta.dirname, '../numeric/fixtures/siglip'));
  const targetsOf = (...targetModules: string[]): unknown => {
    const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 2, targetModules });
    const layers = selectTargets(model.targetLayers, settings);
    const values = {
      get: (key: string) => {
        const { inFeatures, outFeatures } = layers.find(({ module }) => key.startsWith(`${module}.`))!;
        return new Float32Array(2 * (key.endsWith('_A') ? inFeatures : outFeatures));
      },
    };
    const adapter = { settings, layers, weights: [], values };
    return peftContents({ adapter, model, baseModel: null, residual: 'in-adapter' }).config['target_modules'];
  };
  expect(targetsOf('q_proj', 'fc1')).toEqual(['q_proj', 'fc1']);
  expect(targetsOf('head')).toEqual(['text_model.head']);
  expect(targetsOf('out_proj')).toEqual(
    ['vision_model', 'text_model'].flatMap((tower) =>
      [0, 1].map((layer) => `${tower}.encoder.layers.${layer}.self_attn.out_proj`),
    ),
  );
});
