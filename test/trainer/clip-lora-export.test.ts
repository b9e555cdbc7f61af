import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { clipLoraFile } from '../../main/engine/adapters/clip-lora/clip-lora-file.ts';
import { clipLoraLayout } from '../../main/engine/adapters/clip-lora/clip-lora-layout.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import type { ExportSummary, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { readRun } from '../numeric/golden/golden-run.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nora-clip-lora-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const run = join(import.meta.dirname, '../numeric/fixtures/clip');
const { model, batches } = readRun(run);
const attention = ['q_proj', 'k_proj', 'v_proj'];

const trained = async (own: object) => {
  const settings = adapterSettingsSchema.parse({ targetModules: attention, ...own });
  const { moved } = movedAdapter(await startedAdapter(model, batches, settings));
  const { layers, values } = moved.adapter;
  return { settings, layers, values, weights: [] };
};

const exported = async (name: string, own: object): Promise<ExportSummary> => {
  const adapterDirectory = join(scratch, `${name}-adapter`);
  await writeAdapter(adapterDirectory, await trained(own));
  const events: TrainerEvent[] = [];
  await exportRun(
    {
      kind: 'clip-lora',
      modelDirectory: join(run, 'model'),
      adapterDirectory,
      destination: join(scratch, name),
      baseModelName: 'clip',
      threads: 1,
    },
    { emit: (event) => void events.push(event), shouldStop: () => null },
  );
  const last = events.at(-1)!;
  if (last.type !== 'exported') throw new Error(last.type);
  return last.summary;
};

describe.each([
  ['CLIP-LoRA’s own', { method: 'rslora', rank: 2, alpha: 1 }, { r: 2, alpha: 1 }, false],
  ['a LoRA that a whole alpha says', { method: 'lora', rank: 4, alpha: 4 }, { r: 4, alpha: 2 }, false],
  ['a LoRA that none says', { method: 'lora', rank: 3, alpha: 6 }, { r: 3, alpha: 1 }, true],
  ['NoRA', { method: 'nora', outerRank: 10, innerRank: 2, alpha: 4 }, { r: 2, alpha: 1 }, true],
])('%s', (name, own, told, scaledB) => {
  it('is written with what the loader asks for, and computes the same', async () => {
    const summary = await exported(name, own);
    expect(summary.files).toEqual(['lora_weights.pt', 'merge-certificate.json']);
    expect(summary.largestLogitDifference).toBeLessThan(1e-4);
    expect(summary.largestLogit).toBeGreaterThan(0.1);
    const bytes = readFileSync(join(scratch, name, 'lora_weights.pt')).toString('latin1');
    for (const part of [
      'X\x07\0\0\0layer_3',
      'X\x08\0\0\0metadata',
      `X\x01\0\0\0rK${String.fromCharCode(told.r)}`,
    ])
      expect(bytes).toContain(part);
    expect(bytes).toContain(`X\x05\0\0\0alphaK${String.fromCharCode(told.alpha)}`);
    expect(bytes).toContain('X\x07\0\0\0encoderX\x04\0\0\0both');
    expect(bytes).not.toContain('layer_4');
    expect(summary.notices!.some((notice) => notice.includes('the rest of the scaling is in B'))).toBe(
      scaledB,
    );
    expect(summary.notices![0]).toContain(
      `--encoder both --params q k v --position all --r ${told.r} --alpha ${told.alpha}`,
    );
  });
});

it('has the very numbers that were trained where a whole alpha says the scaling', async () => {
  const adapter = await trained({ method: 'rslora', rank: 2, alpha: 1 });
  const layout = clipLoraLayout(adapter.layers, { text: 2, vision: 2 }, 'ViT-B/16');
  const { bytes, tensors, places } = clipLoraFile(adapter, layout);
  expect(tensors).toHaveLength(12);
  for (const { module, a, b } of tensors)
    for (const [tensor, factor] of [
      [a, 'lora_A'],
      [b, 'lora_B'],
    ] as const) {
      const { offset, bytes: length } = places.get(tensor)!;
      const own = adapter.values.get(`${module}.${factor}`)!;
      expect(
        bytes.subarray(offset, offset + length).equals(Buffer.from(own.buffer, own.byteOffset, length)),
      ).toBe(true);
    }
});

it.each([
  ['dora', { method: 'dora', rank: 2 }, 'no place for the lengths of rows that DoRA trains'],
  ['other layers', { method: 'lora', rank: 2, targetModules: ['q_proj', 'fc2'] }, 'fc2 is adapted'],
  [
    'ranks',
    { method: 'lora', rank: 2, rankPattern: { 'vision_model.*': 3 } },
    'and its loader is told one for all',
  ],
  [
    'whole',
    { method: 'lora', rank: 2, modulesToSave: ['visual_projection'] },
    'trained whole (visual_projection)',
  ],
])('%s is refused by name', async (name, own, message) => {
  await expect(exported(name, own)).rejects.toThrow(message);
});
