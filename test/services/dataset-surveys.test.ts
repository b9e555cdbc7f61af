import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerSurvey } from '../../main/trainer/measure/answer-survey.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { ScriptedTrainer } from './scripted-trainer.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const date = '2026-11-28';
const lengthsOf = (id = 'sea') =>
  workbench.datasets.lengths({ id, modelId: 'tiny', lossOn: 'completion', date });
const duplicatesOf = (id: string, validationFraction = 0.5, seed = 0) =>
  workbench.datasets.duplicates({ id, validationFraction, seed });

/** Does what a trainer process would do. */
const answer = (trainer: ScriptedTrainer): void => {
  const [command] = trainer.commands;
  if (command?.type !== 'survey') throw new Error(`asked to ${command?.type}`);
  trainer.end({ type: 'surveyed', answer: answerSurvey(command.question) });
};

test('rows are measured beside the workbench, once for the same files, by other workbenches too', async () => {
  const asked = Promise.all([lengthsOf(), lengthsOf()]);
  answer(await world.trainers.nth(0));
  const [lengths, again] = await asked;
  expect(again).toEqual(lengths);
  expect(lengths).toMatchObject({ rows: 4, measured: 4 });
  expect(lengths.lengths.reduce((sum, [, count]) => sum + count, 0)).toBe(4);
  expect(await lengthsOf()).toEqual(lengths);
  const other = world.open();
  expect(await other.datasets.lengths({ id: 'sea', modelId: 'tiny', lossOn: 'completion', date })).toEqual(
    lengths,
  );
  await other.close();
  expect(world.trainers.started).toHaveLength(1);
});

test('held-out rows that are trained on are named by their lines, with what was compared', async () => {
  const write = (name: string, ...texts: string[]): string => {
    writeFileSync(world.path(name), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
    return world.path(name);
  };
  const trainFile = write('t.jsonl', 'The sea', 'a whale', 'the sea');
  const validationFile = write('v.jsonl', 'an oar', 'THE SEA');
  await workbench.datasets.import({ trainFile, validationFile });
  const asked = duplicatesOf('t');
  answer(await world.trainers.nth(0));
  expect(await asked).toEqual({
    trainRows: 3,
    heldOutRows: 2,
    repeatedRows: 1,
    repeated: [{ lines: [1, 3], count: 2, text: 'The sea' }],
    sharedRows: 1,
    nearRows: 0,
    nearLookedAt: 2,
    near: { words: 5, threshold: 0.8 },
    pairs: [{ heldOut: { line: 2, text: 'THE SEA' }, train: { line: 1, text: 'The sea' }, similarity: null }],
  });
  // Where a file is held out, neither the part nor the seed changes anything.
  expect(await duplicatesOf('t', 0.2, 9)).toEqual(await asked);
  expect(world.trainers.started).toHaveLength(1);
});

test('rows that are drawn are asked for by part and seed', async () => {
  const asked = duplicatesOf('sea', 0.25, 1);
  answer(await world.trainers.nth(0));
  expect(await asked).toMatchObject({ trainRows: 3, heldOutRows: 1, sharedRows: 0, repeatedRows: 0 });
  const other = duplicatesOf('sea', 0.5, 1);
  answer(await world.trainers.nth(1));
  expect(await other).toMatchObject({ trainRows: 2, heldOutRows: 2 });
});

test('going through rows can be stopped, and asked for again; one is done at a time', async () => {
  const first = expect(lengthsOf()).rejects.toThrow('stopped before all rows were gone through');
  const second = expect(duplicatesOf('sea')).rejects.toThrow('stopped before all rows were gone through');
  const trainer = await world.trainers.nth(0);
  expect(world.trainers.started).toHaveLength(1);
  workbench.datasets.stop({ id: 'sea' });
  await first;
  await second;
  expect(trainer.killed).toBe(true);
  expect(world.trainers.started).toHaveLength(1);
  const again = lengthsOf();
  answer(await world.trainers.nth(1));
  await again;
});

test('a file that has changed is not gone through', async () => {
  writeFileSync(world.path('sea.jsonl'), '{"text":"another"}\n');
  await expect(lengthsOf()).rejects.toThrow('has changed since it was imported');
  expect(world.trainers.started).toEqual([]);
});
