import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { importAdapter } from '../../main/trainer/export/import-adapter.ts';
import { writeLoraFolder, type LoraFolder } from '../support/lora-folder.ts';
import type { TrainerEvent } from '../../main/trainer/protocol/protocol.ts';

const modelDirectory = join(import.meta.dirname, '../../main/sample/model');
const workspace = mkdtempSync(join(tmpdir(), 'nora-import-'));
const module = 'model.layers.0.self_attn.q_proj';
const pair = {
  module,
  inFeatures: 192,
  outFeatures: 192,
  loraA: new Float32Array(2 * 192).fill(0.01),
  loraB: new Float32Array(192 * 2).fill(0.02),
};

const imported = async (name: string, changes: Partial<LoraFolder>): Promise<TrainerEvent[]> => {
  const peftDirectory = writeLoraFolder(join(workspace, name), {
    modules: [pair],
    ...changes,
    config: { lora_alpha: 4, target_modules: ['q_proj'], ...changes.config },
  });
  const events: TrainerEvent[] = [];
  await importAdapter(
    {
      modelDirectory,
      peftDirectory,
      destination: join(workspace, `${name}-imported`),
      onResidualBase: false,
      threads: 1,
    },
    { emit: (event) => void events.push(event), shouldStop: () => null },
  );
  return events;
};

describe('the import of an adapter', () => {
  it('keeps it in a form of its own, checked', async () => {
    const [event] = await imported('good', {});
    expect(event).toMatchObject({
      type: 'imported',
      summary: { trainedParameters: 768, settings: { method: 'lora', rank: 2, targetModules: [module] } },
    });
    const { values } = readAdapter(join(workspace, 'good-imported'));
    expect(values.get(`${module}.lora_A`)).toEqual(pair.loraA);
  });

  it.each<[string, Partial<LoraFolder>, string]>([
    ['nan', { modules: [{ ...pair, loraA: pair.loraA.map((x, at) => (at === 7 ? NaN : x)) }] }, 'not finite'],
    [
      'size',
      { modules: [{ ...pair, inFeatures: 64, loraA: new Float32Array(128) }] },
      `the adapter sits on ${module} (192 x 64), which the model does not have`,
    ],
    [
      'whole',
      {
        config: { modules_to_save: ['norm'] },
        weights: [{ name: 'model.norm.weight', shape: [3], data: new Float32Array(3) }],
      },
      'holds model.norm.weight (3), trained whole, which the model has as (192)',
    ],
    [
      'huge',
      { modules: [{ ...pair, loraA: pair.loraA.map(() => 3e38), loraB: pair.loraB.map(() => 3e38) }] },
      "the model's logits are not finite with this adapter",
    ],
  ])('refuses one that is broken: %s', async (name, changes, message) => {
    await expect(imported(name, changes)).rejects.toThrow(message);
    expect(existsSync(join(workspace, `${name}-imported`))).toBe(false);
  });
});
