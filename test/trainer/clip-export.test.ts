import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergedFolder } from '../../main/engine/adapters/folder/merged-folder.ts';
import { foldLayer } from '../../main/engine/adapters/layer/fold.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { writeModelFolder } from '../../main/engine/formats/model-folder-writer.ts';
import { readSafetensorsHeader } from '../../main/engine/formats/safetensors.ts';
import { comparedWith } from '../../main/engine/models/compared-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { writePeft } from '../../main/engine/peft/index.ts';
import { sampleBatch, sampleLogits } from '../../main/trainer/export/export-check.ts';
import { withPeftAdapter } from '../../main/trainer/export/peft-model.ts';
import { readRun } from '../numeric/golden/golden-run.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nora-clip-export-'));
const { model, batches } = readRun(join(import.meta.dirname, '../numeric/fixtures/clip'));
const batch = sampleBatch(model);
const targetModules = ['q_proj', 'k_proj', 'v_proj', 'fc2', 'visual_projection', 'text_projection'];
const difference = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));

describe.each([
  { method: 'lora', rank: 3, alpha: 6 },
  { method: 'dora', rank: 3, alpha: 6 },
  { method: 'nora', outerRank: 10, innerRank: 3, alpha: 6 },
])('$method on both towers', (own) => {
  const settings = adapterSettingsSchema.parse({ ...own, targetModules });
  const folder = (name: string): string => join(scratch, `${own.method}-${name}`);
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
      baseModel: 'someone/clip',
      residual: 'in-adapter',
    });
    const names = [
      ...readSafetensorsHeader(join(folder('peft'), 'adapter_model.safetensors')).tensors.keys(),
    ];
    for (const tower of ['text_model', 'vision_model'])
      expect(names).toContain(`base_model.model.${tower}.encoder.layers.1.self_attn.q_proj.lora_A.weight`);
    expect(names).toContain('base_model.model.visual_projection.lora_B.weight');
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
    const own = await sampleLogits({ model: merged, adapter: null, trainedWeights: [] }, batch, 1);
    expect(difference(own, logits)).toBeLessThan(1e-4);
  });
});
