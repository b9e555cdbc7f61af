import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../../main/engine/adapters/settings/adapter-settings.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../../main/engine/formats/safetensors.ts';
import { createTowerScorer } from '../../../../main/engine/scoring/pictures/tower-scorer.ts';
import { softmax } from '../../../../main/engine/scoring/pictures/softmax.ts';
import type { TrainedModel } from '../../../../main/engine/train/model/trained-model.ts';
import { sampleLogits } from '../../../../main/trainer/export/export-check.ts';
import { readPictures, readRun } from '../../../numeric/golden/golden-run.ts';
import { movedAdapter, startedAdapter } from '../../../support/moved-adapter.ts';

const fixture = join(import.meta.dirname, '../../../numeric/fixtures/clip');
const { model, batches } = readRun(fixture);
const { pictures, texts } = readPictures(fixture)[0]!;
const ids = texts.map((text) => [...text]);
const base: TrainedModel = { model, adapter: null, trainedWeights: [] };

const both = ['q_proj', 'v_proj', 'fc2', 'visual_projection', 'text_projection'];
const adapters = {
  'LoRA on both towers': { method: 'lora', rank: 3, alpha: 6, targetModules: both },
  'another of its shape': { method: 'lora', rank: 3, alpha: 12, targetModules: both },
  'DoRA on both towers': { method: 'dora', rank: 3, alpha: 6, targetModules: both },
  'NoRA on both towers': { method: 'nora', outerRank: 10, innerRank: 3, alpha: 6, targetModules: both },
  'VeRA on both towers': { method: 'vera', rank: 8, targetModules: ['q_proj', 'v_proj'] },
  'LoRA on pictures': { method: 'lora', rank: 2, alpha: 4, targetModules: String.raw`vision_model.*fc2` },
};

const subjects: TrainedModel[] = [base];
for (const settings of Object.values(adapters))
  subjects.push(
    movedAdapter(await startedAdapter(model, batches, adapterSettingsSchema.parse(settings))).moved,
  );
const scorer = createTowerScorer({ subjects, padId: 1, threads: 1 });
afterAll(() => scorer.release());

const probabilities = async (subject: number): Promise<number[][]> => {
  const rows = await scorer.logits(
    subject,
    await scorer.embedPictures(subject, pictures),
    await scorer.embedTexts(subject, ids),
  );
  return rows.map(softmax);
};
const ofRows = (logits: Float32Array): number[][] =>
  pictures.map((_, row) => softmax(logits.subarray(row * ids.length, (row + 1) * ids.length)));
const difference = (one: number[][], other: number[][]): number =>
  Math.max(...one.flat().map((value, at) => Math.abs(value - other.flat()[at]!)));

it("the base's probabilities are those that transformers' logits give", async () => {
  const file = readSafetensorsHeader(join(fixture, 'logits.safetensors'));
  expect(difference(await probabilities(0), ofRows(readTensorFloat32(file, 'logits')))).toBeLessThan(1e-5);
});

it.each(Object.keys(adapters).map((name, at) => [name, at + 1] as const))(
  '%s: tower by tower as the whole model in one pass',
  async (_, subject) => {
    const own = await probabilities(subject);
    const direct = await sampleLogits(subjects[subject]!, batches[0]!, 1);
    expect(difference(own, ofRows(direct))).toBeLessThan(1e-5);
    expect(difference(own, await probabilities(0))).toBeGreaterThan(1e-4);
  },
);

it('knows which towers an adapter leaves as they are', () => {
  expect(scorer.isBase(1, 'texts')).toBe(false);
  expect(scorer.isBase(subjects.length - 1, 'texts')).toBe(true);
  expect(scorer.isBase(subjects.length - 1, 'pictures')).toBe(false);
});
