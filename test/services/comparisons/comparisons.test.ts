import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ScoreName } from '../../../main/engine/scoring/scores.ts';
import type { Comparison } from '../../../main/services/comparisons/comparison-schema.ts';
import {
  comparisonDefinitionSchema,
  type ComparisonDefinitionInput,
} from '../../../main/services/comparisons/definition.ts';
import type { Workbench } from '../../../main/services/workbench.ts';
import type { TrainerCommand } from '../../../main/trainer/protocol/protocol.ts';
import type { ScriptedTrainer } from '../scripted-trainer.ts';
import { createWorld, endCompleted, endPaused, type World } from '../test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const lora = { name: 'lora', adapter: { method: 'lora', rank: 4, alpha: 8 } } as const;
const nora = { name: 'nora', adapter: { method: 'nora', outerRank: 4, innerRank: 4, alpha: 8 } } as const;

const definition = (changes: Partial<ComparisonDefinitionInput> = {}) =>
  comparisonDefinitionSchema.parse({
    version: 1,
    name: 'lora or nora',
    model: 'tiny',
    dataset: 'sea',
    training: { steps: 8, sequenceLength: 32 },
    arms: [lora, nora],
    seeds: [1, 2],
    sideBySide: 1,
    // They would be one more job at the end of each.
    diagnostics: null,
    ...changes,
  });

const create = (changes: Partial<ComparisonDefinitionInput> = {}): Promise<Comparison> =>
  workbench.comparisons.create({ definition: definition(changes) });

const start = ({ id, confounds }: Comparison): Comparison =>
  workbench.comparisons.start({ id, accept: confounds.map(({ name }) => name) });

const show = ({ id }: Comparison): Comparison => workbench.comparisons.show({ id });

type ScoreCommand = Extract<TrainerCommand, { type: 'score' }>;
const scoring = (trainer: ScriptedTrainer): ScoreCommand['specification'] => {
  const [command] = trainer.commands;
  if (command?.type !== 'score') throw new Error(`this trainer was asked to ${command?.type}`);
  return command.specification;
};

/** Every subject on every item that is not done, with a loss that follows from both. */
const scoreAll = (trainer: ScriptedTrainer, items = 3): void => {
  const { subjects, tasks, done } = scoring(trainer);
  for (const { name } of tasks)
    trainer.emit({
      type: 'task-read',
      facts: { task: name, items, chance: null, majority: null, notices: [] },
    });
  for (const [index, { id: subject }] of subjects.entries())
    for (const { name: task } of tasks) {
      const isDone = new Set(
        done.filter((one) => one.subject === subject && one.task === task).flatMap((one) => one.items),
      );
      const left = Array.from({ length: items }, (_, item) => item).filter((item) => !isDone.has(item));
      trainer.emit({
        type: 'scored-items',
        subject,
        task,
        items: left.map((item) => ({
          item,
          prompt: null,
          expected: null,
          answer: null,
          weight: 2,
          values: { loss: 3 - index / 10 + item } as Record<ScoreName, number>,
          detail: null,
        })),
      });
    }
};

const endScored = (trainer: ScriptedTrainer): void => trainer.end({ type: 'scored', items: 1, seconds: 1 });

describe('a comparison', () => {
  test('tells of its first runs as soon as there are any, so that whoever watches knows whose steps it sees', async () => {
    const told: Comparison[] = [];
    workbench.subscribe((event) => {
      if (event.name === 'comparison.changed') told.push(event.payload);
    });
    start(await create());
    await world.trainers.nth(0);
    expect(told.at(-1)).toMatchObject({ status: 'training' });
    expect(told.at(-1)!.runs).toHaveLength(4);
  });

  test('trains every arm from every seed on the same held-out rows, and scores them with the base in one job', async () => {
    const comparison = start(await create());
    for (let index = 0; index < 4; index++) {
      const trainer = await world.trainers.nth(index);
      const { seed, heldOut } = trainer.specification();
      expect([seed, heldOut]).toEqual([index < 2 ? 1 : 2, { seed: 0 }]);
      endCompleted(trainer, { 'validation/loss': 2 + index / 10 });
    }
    const job = await world.trainers.nth(4);
    expect(scoring(job)).toMatchObject({ seed: 0, done: [], tasks: [{ kind: 'held-out' }] });
    expect(scoring(job).subjects.map(({ adapterDirectory }) => adapterDirectory === null)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    scoreAll(job);
    endScored(job);
    const done = await workbench.waitForComparison(comparison.id);
    expect(done).toMatchObject({ status: 'completed', error: null, problems: [] });
    expect(done.phases.map(({ phase, status, done: count }) => [phase, status, count])).toEqual([
      ['tuning', 'left out', 0],
      ['training', 'done', 4],
      ['scoring', 'done', 5],
      ['diagnostics', 'left out', 0],
    ]);
    expect(done.assessments[0]).toMatchObject({ arm: null, scores: { loss: 4 }, items: 3, of: 3 });

    const answer = workbench.comparisons.answer({ id: done.id });
    const [metric] = answer.metrics;
    expect(metric).toMatchObject({ task: 'held-out', metric: 'loss', base: { score: 4 } });
    expect(metric!.arms.map(({ runs }) => runs.map(({ seed }) => seed))).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const page = workbench.comparisons.items({
      id: done.id,
      task: 'held-out',
      onlyDiffering: false,
      cell: null,
      offset: 1,
      limit: 1,
    });
    expect(page).toMatchObject({ total: 3, offset: 1, items: [{ item: 1, weight: 2 }] });
    expect(page.items[0]!.subjects.map(({ arm, seed }) => [arm, seed])).toEqual([
      [null, null],
      ['lora', 1],
      ['lora', 2],
      ['nora', 1],
      ['nora', 2],
    ]);
  });

  test('of classes it tells what was taken for what, over all seeds', async () => {
    const comparison = start(await create({ name: 'classes' }));
    for (let index = 0; index < 4; index++) endCompleted(await world.trainers.nth(index));
    const job = await world.trainers.nth(4);
    const said = [
      ['base', 'bad', 'bad'],
      ['lora, 1', 'good', 'bad'],
      ['nora, 1', 'bad', 'fair'],
      ['lora, 2', 'good', 'good'],
      ['nora, 2', 'good', 'bad'],
    ] as const;
    for (const [index, { id: subject }] of scoring(job).subjects.entries())
      job.emit({
        type: 'scored-items',
        subject,
        task: 'held-out',
        items: (['good', 'bad'] as const).map((expected, item) => {
          const answer = said[index]![item + 1]!;
          return {
            ...{ item, prompt: null, expected, answer, weight: 1, detail: null },
            values: { loss: 1, accuracy: expected === answer ? 1 : 0 } as Record<ScoreName, number>,
          };
        }),
      });
    endScored(job);
    await workbench.waitForComparison(comparison.id);
    const { metrics } = workbench.comparisons.answer({ id: comparison.id });
    expect(metrics.map(({ metric, confusions }) => [metric, confusions !== null])).toEqual([
      ['loss', false],
      ['accuracy', false],
      ['class_accuracy', false],
      ['f1', true],
    ]);
    expect(metrics[3]!.confusions).toEqual({
      classes: ['bad', 'fair', 'good'],
      subjects: [
        {
          arm: null,
          runs: 1,
          counts: [
            [1, 0, 0],
            [0, 0, 0],
            [1, 0, 0],
          ],
        },
        {
          arm: 'lora',
          runs: 2,
          counts: [
            [1, 0, 1],
            [0, 0, 0],
            [0, 0, 2],
          ],
        },
        {
          arm: 'nora',
          runs: 2,
          counts: [
            [1, 1, 0],
            [0, 0, 0],
            [1, 0, 1],
          ],
        },
      ],
    });
  });

  test('refuses to start while a confound is not accepted, and names it', async () => {
    const comparison = await create({
      arms: [lora, { ...nora, training: { learningRate: 0.01 } }],
    });
    expect(() => workbench.comparisons.start({ id: comparison.id, accept: [] })).toThrow(/learning-rate/);
    expect(show(comparison).status).toBe('created');
    expect(start(comparison).confounds.every(({ accepted }) => accepted)).toBe(true);
  });

  test('tunes on other rows than it reports on, and trains with the better rate', async () => {
    const comparison = start(
      await create({
        seeds: [1],
        tuning: { sweep: { settings: { learningRate: { values: [1e-3, 1e-2] } } }, heldOutFraction: 0.2 },
      }),
    );
    const losses = [3, 2, 2, 3];
    for (const [index, loss] of losses.entries()) {
      const trainer = await world.trainers.nth(index);
      expect(trainer.specification().heldOut).toEqual({ seed: 0, tuningFraction: 0.2 });
      endCompleted(trainer, { 'validation/loss': loss });
    }
    expect((await world.trainers.nth(4)).specification().training.learningRate).toBe(1e-2);
    endCompleted(await world.trainers.nth(4));
    expect((await world.trainers.nth(5)).specification().training.learningRate).toBe(1e-3);
    expect(show(comparison).tuning?.chosen).toMatchObject([
      { arm: 'lora', trial: { number: 1 }, loss: 2 },
      { arm: 'nora', trial: { number: 0 }, loss: 2 },
    ]);
  });

  test('halves: short trials first, and the better one again for the whole length', async () => {
    start(
      await create({
        seeds: [1],
        tuning: {
          sweep: {
            settings: { learningRate: { logRange: [1e-4, 1e-2] } },
            search: 'halving',
            trials: 2,
            halving: { rounds: 2, keepOneIn: 2 },
          },
        },
      }),
    );
    const steps: (number | undefined)[] = [];
    for (let index = 0; index < 6; index++) {
      const trainer = await world.trainers.nth(index);
      steps.push(trainer.specification().training.steps);
      endCompleted(trainer, { 'validation/loss': 3 - index / 10 });
    }
    expect(steps).toEqual([4, 4, 4, 4, 8, 8]);
  });

  test('goes on without a seed that failed, and says so', async () => {
    const comparison = start(await create());
    (await world.trainers.nth(0)).end({
      type: 'failed',
      code: 'invalid-input',
      message: 'the loss overflowed',
    });
    for (let index = 1; index < 4; index++) endCompleted(await world.trainers.nth(index));
    const job = await world.trainers.nth(4);
    expect(scoring(job).subjects).toHaveLength(4);
    scoreAll(job);
    endScored(job);
    const done = await workbench.waitForComparison(comparison.id);
    expect(done.status).toBe('completed');
    expect(done.problems).toEqual(['lora, seed 1: failed: the loss overflowed']);
    const [metric] = workbench.comparisons.answer({ id: done.id }).metrics;
    expect(metric!.arms[0]!.missing).toMatchObject([{ seed: 1, problem: 'failed: the loss overflowed' }]);
  });

  test('is failed where no run was completed', async () => {
    const comparison = start(await create({ seeds: [1] }));
    for (let index = 0; index < 2; index++)
      (await world.trainers.nth(index)).end({ type: 'failed', code: 'internal', message: 'no' });
    expect(await workbench.waitForComparison(comparison.id)).toMatchObject({
      status: 'failed',
      error: 'no run was completed: there is nothing to compare',
    });
  });

  test('is paused when the workbench closes, and goes on from there', async () => {
    const comparison = start(await create({ seeds: [1] }));
    const first = await world.trainers.nth(0);
    const closing = workbench.close();
    await vi.waitFor(() => expect(first.commands.at(-1)?.type).toBe('pause'));
    endPaused(first, 3);
    await closing;
    workbench = world.open();
    expect(show(comparison).status).toBe('paused');
    start(comparison);
    const again = await world.trainers.nth(1);
    expect(again.specification().resumeFrom).not.toBeNull();
    endCompleted(again);
    endCompleted(await world.trainers.nth(2));

    // In the middle of scoring: what was told is kept, and only the rest is asked for.
    const job = await world.trainers.nth(3);
    const { subjects } = scoring(job);
    job.emit({
      type: 'scored-items',
      subject: subjects[1]!.id,
      task: 'held-out',
      items: [
        {
          item: 0,
          prompt: null,
          expected: null,
          answer: null,
          weight: 2,
          values: { loss: 1 },
          detail: null,
        },
      ],
    });
    const closingAgain = workbench.close();
    await vi.waitFor(() => expect(job.commands.at(-1)).toEqual({ type: 'cancel' }));
    job.end({ type: 'cancelled', step: 1 });
    await closingAgain;
    workbench = world.open();
    expect(show(comparison).assessments.every(({ status }) => status === 'waiting')).toBe(true);
    start(comparison);
    const rest = await world.trainers.nth(4);
    expect(scoring(rest).done).toEqual([{ subject: subjects[1]!.id, task: 'held-out', items: [0] }]);
    scoreAll(rest);
    endScored(rest);
    expect((await workbench.waitForComparison(comparison.id)).status).toBe('completed');
  });

  test('waits while the queue is paused, and goes on with it', async () => {
    const comparison = start(await create({ seeds: [1] }));
    const trainer = await world.trainers.nth(0);
    workbench.queue.pause({ andRunning: true });
    endPaused(trainer, 3);
    const statuses = () => show(comparison).runs.map(({ status }) => status);
    await vi.waitFor(() => expect(statuses()).toEqual(['queued', 'queued']));
    expect(show(comparison).status).toBe('training');

    workbench.queue.resume();
    endCompleted(await world.trainers.nth(1));
    endCompleted(await world.trainers.nth(2));
    const job = await world.trainers.nth(3);
    await vi.waitFor(() => expect(workbench.queue.show().jobs).toMatchObject([{ status: 'scoring' }]));
    workbench.queue.pause({ andRunning: true });
    await vi.waitFor(() => expect(job.commands.at(-1)).toEqual({ type: 'cancel' }));
    job.end({ type: 'cancelled', step: 0 });
    await vi.waitFor(() => expect(workbench.queue.show().jobs).toEqual([]));
    expect(show(comparison).status).toBe('scoring');
    expect(world.trainers.started).toHaveLength(4);

    workbench.queue.resume();
    const again = await world.trainers.nth(4);
    scoreAll(again);
    endScored(again);
    expect(await workbench.waitForComparison(comparison.id)).toMatchObject({ status: 'completed' });
  });

  test('that is paused while the queue pauses stays so when the queue goes on, after a restart, too', async () => {
    const comparison = start(await create({ seeds: [1] }));
    const trainer = await world.trainers.nth(0);
    workbench.queue.pause({ andRunning: true });
    workbench.comparisons.pause({ id: comparison.id });
    endPaused(trainer, 3);
    const statuses = () => show(comparison).runs.map(({ status }) => status);
    await vi.waitFor(() => expect(statuses()).toEqual(['paused', 'created']));

    start(show(comparison));
    expect(statuses()).toEqual(['queued', 'queued']);
    await workbench.close();
    workbench = world.open();
    expect([show(comparison).status, ...statuses()]).toEqual(['paused', 'paused', 'created']);
    workbench.queue.resume();
    expect(world.trainers.started).toHaveLength(1);
  });

  test('pauses and goes on; cancels; and is removed with its runs', async () => {
    const comparison = start(await create({ seeds: [1] }));
    const first = await world.trainers.nth(0);
    expect(() => workbench.comparisons.remove({ id: comparison.id })).toThrow('pause or cancel it first');
    workbench.comparisons.pause({ id: comparison.id });
    endPaused(first, 2);
    await vi.waitFor(() =>
      expect(show(comparison).runs.map(({ status }) => status)).toEqual(['paused', 'created']),
    );
    expect(world.trainers.started).toHaveLength(1);
    start(comparison);
    const second = await world.trainers.nth(1);
    workbench.comparisons.cancel({ id: comparison.id });
    second.end({ type: 'cancelled', step: 2 });
    await vi.waitFor(() => expect(show(comparison).runs[0]!.status).toBe('cancelled'));
    const [experiment] = workbench.experiments.list().items;
    expect(experiment!.comparisonId).toBe(comparison.id);
    expect(() => workbench.experiments.remove({ id: experiment!.id })).toThrow(
      'is a part of the comparison "lora or nora"',
    );
    expect(() => workbench.models.remove({ id: 'tiny' })).toThrow('is used by');
    await vi.waitFor(() => workbench.comparisons.remove({ id: comparison.id }));
    expect(workbench.comparisons.list().items).toEqual([]);
    expect(workbench.experiments.list().items).toEqual([]);
    expect(existsSync(world.path('data', 'runs', comparison.id))).toBe(false);
  });

  test('refuses what could only fail later, naming the field', async () => {
    await expect(create({ margins: { 'held-out/lose': 1 } })).rejects.toThrow('margins: "held-out/lose"');
    await expect(create({ arms: [lora, { ...nora, training: { warmupSteps: 20 } }] })).rejects.toThrow(
      'configuration "nora"',
    );
    expect(() => definition({ arms: [lora, { ...nora, training: { sequenceLength: 16 } }] })).toThrow(
      /sequenceLength/,
    );
    expect(() => definition({ arms: [lora, lora] })).toThrow(/two arms are called/);
    writeFileSync(world.path('facts.jsonl'), '{}\n');
    const facts = { kind: 'choices', name: 'facts', file: world.path('gone.jsonl') } as const;
    await expect(create({ tasks: [facts] })).rejects.toThrow('gone.jsonl');
  });

  test('refuses to score on a task whose file has changed', async () => {
    writeFileSync(world.path('facts.jsonl'), '{}\n');
    const facts = { kind: 'choices', name: 'facts', file: world.path('facts.jsonl') } as const;
    const comparison = start(await create({ seeds: [1], tasks: [facts] }));
    writeFileSync(world.path('facts.jsonl'), '{"other": 1}\n');
    for (let index = 0; index < 2; index++) endCompleted(await world.trainers.nth(index));
    const done = await workbench.waitForComparison(comparison.id);
    expect(done.status).toBe('failed');
    expect(done.problems[0]).toContain('facts.jsonl has changed since the comparison was created');
  });
});
