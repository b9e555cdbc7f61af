import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelSchema } from '../../main/services/shared/entities.ts';
import { previewSchema } from '../../main/trainer/protocol/preview-schema.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { encoderAlone, writeClassifierFolder } from '../support/classifier-folder.ts';
import { createExperiment, createWorld, endCompleted, runsOf } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  const body = writeClassifierFolder(world.path('body'), 'bert', encoderAlone('bert'));
  const whole = writeClassifierFolder(world.path('whole'), 'roberta', {
    config: { id2label: { 0: 'calm', 1: 'wild', 2: 'flat' } },
  });
  await workbench.models.import({ directory: body });
  await workbench.models.import({ directory: whole });
  await workbench.datasets.import({
    trainFile: write('moods.jsonl', { text: 'the sail', label: 'calm' }, { text: 'old wave', label: 'wild' }),
  });
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const write = (name: string, ...rows: unknown[]): string => {
  const file = world.path(name);
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
};
const preview = (id: string, modelId: string) =>
  workbench.datasets.preview({
    id,
    modelId,
    sequenceLength: 16,
    lossOn: 'completion',
    date: '2026-11-28',
    count: 2,
  });
const lora = (changes: object = {}) => ({
  configurations: [{ name: 'it', adapter: { method: 'lora' as const, rank: 4, ...changes } }],
});

describe('a classifier in the library', () => {
  test('says what it scores, and what it lacks', () => {
    expect(modelSchema.parse(workbench.models.show({ id: 'whole' })).classifier).toEqual({
      classNames: ['calm', 'wild', 'flat'],
      headModules: ['classifier'],
      newModules: [],
    });
    expect(workbench.models.show({ id: 'body' }).classifier).toMatchObject({
      classNames: null,
      newModules: ['classifier'],
    });
    expect(workbench.models.show({ id: 'tiny' }).classifier).toBeNull();
  });
});

describe('data with classes', () => {
  test('is known by its columns', () =>
    expect(workbench.datasets.show({ id: 'moods' }).format).toEqual({
      kind: 'classification',
      text: 'text',
      label: 'label',
    }));

  test('is refused where a row has none', async () => {
    const trainFile = write('broken.jsonl', { text: 'a', label: 0 }, { text: 'b', label: null });
    await expect(workbench.datasets.import({ trainFile })).rejects.toThrow(
      'broken.jsonl, line 2, label: the label is null; it should be the name of a class or a whole number',
    );
  });

  test('is shown with the class of each row', async () => {
    const shown = previewSchema.parse(await preview('moods', 'whole'));
    expect(shown).toMatchObject({
      problem: null,
      report: { rows: 2, kept: 2 },
      classes: [
        { name: 'calm', rows: 1 },
        { name: 'wild', rows: 1 },
        { name: 'flat', rows: 0 },
      ],
    });
    expect(shown.examples.map(({ label }) => label)).toEqual(['calm', 'wild']);
    expect(shown.examples[0]!.tokens.map(({ text }) => text).join('')).toBe('<s>the sail</s>');
    expect((await preview('moods', 'body')).classes).toHaveLength(2);
  });

  test('is shown with what is wrong', async () => {
    await workbench.datasets.import({
      trainFile: write('storm.jsonl', { text: 'wave', label: 'calm' }, { text: 'whale', label: 'storm' }),
    });
    const shown = await preview('storm', 'whole');
    expect(shown.problem).toBe(
      'storm.jsonl, line 2: the label "storm" is none of the classes (calm, wild, flat)',
    );
    expect(shown.examples.map(({ label }) => label)).toEqual(['calm', 'storm']);
    expect((await preview('moods', 'tiny')).problem).toMatch(/the model predicts the next token/);
    expect((await preview('sea', 'whole')).problem).toMatch(/the model is a classifier/);
  });
});

describe('an experiment', () => {
  test.each([
    [
      { model: 'tiny', dataset: 'moods' },
      /^dataset: the data has a class for each row, and the model predicts/,
    ],
    [{ model: 'whole', dataset: 'sea' }, /^dataset: the model is a classifier and needs data with a class/],
    [
      { model: 'whole', dataset: 'moods', training: { packing: true, sequenceLength: 32 } },
      /^training\.packing: a classifier scores whole rows/,
    ],
    [
      { model: 'body', dataset: 'moods' },
      /^configuration "it", modulesToSave: the model brings no head .* modulesToSave: \[classifier\]$/,
    ],
  ])(
    'of %j is refused',
    async (changes, message) =>
      await expect(createExperiment(workbench, { ...lora(), ...changes })).rejects.toThrow(message),
  );

  test('keeps what share of rows its runs get right', async () => {
    const experiment = await createExperiment(workbench, {
      ...lora({ modulesToSave: ['classifier'] }),
      model: 'body',
      dataset: 'moods',
    });
    workbench.experiments.start({ id: experiment.id });
    const trainer = await world.trainers.nth(0);
    trainer.emit({
      type: 'metrics',
      metrics: [
        { step: 10, name: 'validation/loss', value: 0.3 },
        { step: 10, name: 'validation/accuracy', value: 0.75 },
      ],
    });
    endCompleted(trainer, { 'validation/accuracy/before': 0.5, 'validation/accuracy': 0.75 });
    await workbench.waitForRun(experiment.runs[0]!.id);
    const [run] = runsOf(workbench, experiment);
    expect(run).toMatchObject({
      latest: { 'validation/accuracy': 0.75 },
      summary: { 'validation/accuracy/before': 0.5, 'validation/accuracy': 0.75 },
    });
  });
});
