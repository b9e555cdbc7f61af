import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comparisonDefinitionSchema } from '../../../main/services/comparisons/definition.ts';
import type { Comparison } from '../../../main/services/comparisons/comparison-schema.ts';
import type { Workbench } from '../../../main/services/workbench.ts';
import type { Diagnosis } from '../../../main/trainer/protocol/diagnosis-schema.ts';
import type { TrainerCommand } from '../../../main/trainer/protocol/protocol.ts';
import type { ScriptedTrainer } from '../scripted-trainer.ts';
import { createWorld, endCompleted, type World } from '../test-world.ts';

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

const start = async (diagnostics: { seeds: number } | null = { seeds: 2 }): Promise<Comparison> => {
  const { id, confounds } = await workbench.comparisons.create({
    definition: comparisonDefinitionSchema.parse({
      version: 1,
      name: 'looked into',
      model: 'tiny',
      dataset: 'sea',
      training: { steps: 8, sequenceLength: 32 },
      arms: [
        { name: 'lora', adapter: { method: 'lora', rank: 4, alpha: 8 } },
        { name: 'nora', adapter: { method: 'nora', outerRank: 4, innerRank: 4, alpha: 8 } },
      ],
      seeds: [1, 2, 3],
      sideBySide: 1,
      diagnostics,
    }),
  });
  return workbench.comparisons.start({ id, accept: confounds.map(({ name }) => name) });
};

/** Trains all six and scores them; the third trainer is told what becomes of it. */
const scoreAll = async (third: (trainer: ScriptedTrainer) => void = (trainer) => endCompleted(trainer)) => {
  for (let index = 0; index < 6; index++) {
    const trainer = await world.trainers.nth(index);
    if (index === 2) third(trainer);
    else endCompleted(trainer, { 'validation/loss': 2 });
  }
  await score(6);
};

const score = async (index: number): Promise<void> => {
  const job = await world.trainers.nth(index);
  const [command] = job.commands;
  if (command?.type !== 'score') throw new Error(`asked to ${command?.type}`);
  for (const { id: subject } of command.specification.subjects)
    job.emit({
      type: 'scored-items',
      subject,
      task: 'held-out',
      items: [
        {
          ...{ item: 0, prompt: null, expected: null, answer: null, weight: 1, detail: null },
          values: { loss: 2 },
        },
      ],
    });
  job.end({ type: 'scored', items: 1, seconds: 1 });
};

type Specification = Extract<TrainerCommand, { type: 'diagnose' }>['specification'];
const asked = (trainer: ScriptedTrainer): Specification => {
  const [command] = trainer.commands;
  if (command?.type !== 'diagnose') throw new Error(`this trainer was asked to ${command?.type}`);
  return command.specification;
};

const overlap = {
  ...{ dimensions: [4, 4] as [number, number], similarity: 0.5, chance: 0.1 },
  ...{ largestAngle: 1, meanAngle: Math.PI / 4 },
};

/** Runs whose losses at step 0 are 2, 3, 4, … and whose one layer has singular values 2 and 1. */
const diagnosisOf = ({ runs, pairs }: Specification): Diagnosis => ({
  runs: runs.map(({ runId, name, seed }, index) => ({
    ...{ runId, name, seed, method: 'lora', firstGradientNorm: null, notices: [] },
    losses: {
      ...{ base: 2, start: 2 + index, trained: 1 },
      on: { data: 'held-out', file: null, rows: 1, tokens: 4, scored: 3, reason: null },
    },
    layers: [
      {
        ...{ module: 'q_proj', outFeatures: 8, inFeatures: 8, rank: 4, outer: null },
        delta: {
          spectrum: { frobenius: Math.sqrt(5), largest: 2, stableRank: 1.25, effectiveRank: 1.9, rank90: 2 },
          ...{ relativeNorm: 0.1, singularValues: [2, 1] },
        },
      },
    ],
    summary: {
      ...{ relativeNorm: 0.1, stableRank: 1.25, effectiveRank: 1.9 },
      ...{ weightEnergy: null, outputEnergy: null, outputError: null },
    },
  })),
  pairs: (pairs ?? []).map(([a, b]) => ({
    ...{ a: runs[a]!.runId, b: runs[b]!.runId },
    layers: [
      {
        module: 'q_proj',
        delta: { outputs: overlap, inputs: null },
        outer: { outputs: overlap, inputs: overlap },
      },
    ],
    summary: {
      ...{ deltaOutputs: 0.5, deltaInputs: null, deltaChance: 0.1 },
      ...{ outerOutputs: 0.5, outerInputs: 0.5, outerChance: 0.1 },
    },
  })),
});

describe('diagnostics of a comparison', () => {
  test('follow scoring, of the first seeds: seeds of one arm and arms from one seed are held against each other', async () => {
    const { id } = await start();
    await scoreAll();
    const job = await world.trainers.nth(7);
    const specification = asked(job);
    expect(specification.runs.map(({ seed }) => seed)).toEqual([1, 2, 1, 2]);
    expect(specification.pairs).toEqual([
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
    ]);
    expect(workbench.comparisons.show({ id })).toMatchObject({ status: 'diagnosing' });
    expect(workbench.comparisons.diagnosis({ id })).toBeNull();
    job.end({ type: 'diagnosed', diagnosis: diagnosisOf(specification) });
    const done = await workbench.waitForComparison(id);
    expect(done).toMatchObject({ status: 'completed', problems: [], diagnostics: { status: 'completed' } });
    expect(done.phases.at(-1)).toEqual({
      ...{ phase: 'diagnostics', status: 'done', done: 4, failed: 0, total: 4 },
    });
    const found = workbench.comparisons.diagnosis({ id })!;
    expect(found.arms.map(({ arm, values }) => [arm, values.start_change])).toEqual([
      ['lora', { mean: 0.5, low: 0, high: 1 }],
      ['nora', { mean: 2.5, low: 2, high: 3 }],
    ]);
    expect(found.pairs.map(({ kind, first, second, runs }) => [kind, first, second, runs.length])).toEqual([
      ['seeds', 'lora', 'lora', 1],
      ['seeds', 'nora', 'nora', 1],
      ['arms', 'lora', 'nora', 2],
    ]);
    expect(found.pairs[0]!.values.outer_inputs_angle).toMatchObject({ mean: 45 });
    expect(found.pairs[0]!.values.delta_inputs).toBeUndefined();
    expect(found.layers).toMatchObject([
      { module: 'q_proj', arms: [{ arm: 'lora', spectrum: [0.894427, 0.447214] }, { arm: 'nora' }] },
    ]);
    const report = await workbench.comparisons.report({ id, format: 'markdown' });
    expect(report.text).toContain('## Diagnostics');
  });

  test('that fail are named, and the answer stands; they can be asked for once more', async () => {
    const { id } = await start();
    await scoreAll();
    (await world.trainers.nth(7)).end({ type: 'failed', code: 'invalid-input', message: 'a file is gone' });
    const done = await workbench.waitForComparison(id);
    expect(done).toMatchObject({ status: 'completed', problems: ['no diagnostics: a file is gone'] });
    expect(done.phases.at(-1)).toMatchObject({ status: 'done', failed: 4 });
    expect(workbench.comparisons.answer({ id }).metrics).not.toEqual([]);
    expect((await workbench.comparisons.report({ id, format: 'html' })).text).not.toContain(
      '<h2>Diagnostics',
    );

    workbench.comparisons.diagnose({ id });
    const job = await world.trainers.nth(8);
    job.end({ type: 'diagnosed', diagnosis: diagnosisOf(asked(job)) });
    expect(await workbench.waitForComparison(id)).toMatchObject({ status: 'completed', problems: [] });
    expect(workbench.comparisons.diagnosis({ id })?.runs).toHaveLength(4);
  });

  test('leave out an arm whose run failed, and say so', async () => {
    const { id } = await start();
    await scoreAll((trainer) =>
      trainer.end({ type: 'failed', code: 'invalid-input', message: 'the loss is not a number' }),
    );
    const job = await world.trainers.nth(7);
    expect(asked(job).runs).toHaveLength(3);
    job.end({ type: 'diagnosed', diagnosis: diagnosisOf(asked(job)) });
    await workbench.waitForComparison(id);
    expect(workbench.comparisons.diagnosis({ id })?.notices).toEqual([
      'lora, seed 2, is not looked into: failed: the loss is not a number',
    ]);
  });

  test('begin anew once a run that had failed is trained', async () => {
    const { id } = await start();
    await scoreAll((trainer) =>
      trainer.end({ type: 'failed', code: 'invalid-input', message: 'the loss is not a number' }),
    );
    const job = await world.trainers.nth(7);
    job.end({ type: 'diagnosed', diagnosis: diagnosisOf(asked(job)) });
    await workbench.waitForComparison(id);
    workbench.comparisons.start({ id, accept: [] });
    endCompleted(await world.trainers.nth(8));
    await score(9);
    const again = await world.trainers.nth(10);
    expect(asked(again).runs).toHaveLength(4);
    again.end({ type: 'diagnosed', diagnosis: diagnosisOf(asked(again)) });
    await workbench.waitForComparison(id);
    expect(workbench.comparisons.diagnosis({ id })?.notices).toEqual([]);
  });

  test('go on after a pause, and are given up by a cancel, which leaves the answer', async () => {
    const { id } = await start();
    await scoreAll();
    await world.trainers.nth(7);
    expect(workbench.comparisons.pause({ id }).status).toBe('paused');
    workbench.comparisons.start({ id, accept: [] });
    const job = await world.trainers.nth(8);
    expect(asked(job).runs).toHaveLength(4);
    const cancelled = workbench.comparisons.cancel({ id });
    expect(cancelled).toMatchObject({
      status: 'completed',
      problems: ['no diagnostics: they were cancelled'],
    });
    expect(job.killed).toBe(true);
    await workbench.close({ graceMilliseconds: 0 }); // the process is gone, and its end written down
    workbench = world.open();
    expect(workbench.comparisons.show({ id })).toMatchObject({
      status: 'completed',
      problems: ['no diagnostics: they were cancelled'],
      diagnostics: { status: 'failed' },
    });
  });

  test('are not made where nobody asks, and can be asked for afterwards', async () => {
    const { id } = await start(null);
    expect(() => workbench.comparisons.diagnose({ id })).toThrow(
      'it can be looked into once it is completed',
    );
    await scoreAll();
    expect(await workbench.waitForComparison(id)).toMatchObject({ status: 'completed', diagnostics: null });
    workbench.comparisons.diagnose({ id });
    const job = await world.trainers.nth(7);
    job.end({ type: 'diagnosed', diagnosis: diagnosisOf(asked(job)) });
    expect(await workbench.waitForComparison(id)).toMatchObject({
      status: 'completed',
      diagnostics: { status: 'completed' },
    });
  });

  test('under way when the workbench ends begin anew', async () => {
    const { id } = await start();
    await scoreAll();
    await world.trainers.nth(7);
    await workbench.close({ graceMilliseconds: 0 });
    workbench = world.open();
    expect(workbench.comparisons.show({ id })).toMatchObject({
      status: 'paused',
      diagnostics: { status: 'waiting' },
    });
    workbench.comparisons.start({ id, accept: [] });
    const job = await world.trainers.nth(8);
    job.end({ type: 'diagnosed', diagnosis: diagnosisOf(asked(job)) });
    expect((await workbench.waitForComparison(id)).diagnostics?.status).toBe('completed');
  });
});
