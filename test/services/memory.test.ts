import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryReportSchema } from '../../main/services/shared/entities.ts';
import { estimateInTrainer } from '../../main/services/shared/memory-job.ts';
import type { EstimateMemory } from '../../main/services/shared/memory-job.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import type { ExperimentDefinitionInput } from '../../main/services/shared/experiment-definition.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import type { MemoryQuestion } from '../../main/trainer/protocol/memory-schema.ts';
import { root } from '../support/paths.ts';
import {
  createExperiment,
  createWorld,
  definition,
  endCompleted,
  runsOf,
  smallEstimate,
} from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
const questions: MemoryQuestion[] = [];
beforeEach(() => {
  world = createWorld();
  questions.length = 0;
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const settings = {
  memory: 'low',
  batchSize: 1,
  gradientAccumulation: 4,
  sequenceLength: 32,
  baseFormat: 'fp32',
} as const;

/** A LoRA takes 3 GB and a NoRA 5, on a machine of 4; in low memory everything fits. */
const estimateMemory: EstimateMemory = (question) => {
  questions.push(question);
  const estimates = question.adapters.map(({ method }) => ({
    ...smallEstimate,
    total: method === 'lora' ? 3e9 : 5e9,
  }));
  const fits = estimates.every(({ total }) => total <= question.available);
  return Promise.resolve({ estimates, suggestion: fits ? null : { settings, total: 2e9 } });
};

const open = async (estimate: EstimateMemory = estimateMemory): Promise<void> => {
  workbench = world.open({ estimateMemory: estimate, availableMemory: () => 4e9 });
  await world.stock(workbench);
};
const training = (changes: object): Partial<ExperimentDefinitionInput> => ({
  training: { steps: 10, sequenceLength: 32, ...changes },
});

describe('an estimate', () => {
  test('is given for each configuration, with what would fit, and keeps nothing', async () => {
    await open();
    const report = await workbench.experiments.estimate({ definition: definition() });
    expect(memoryReportSchema.parse(report)).toEqual({
      available: 4e9,
      configurations: [
        { name: 'lora r4', estimate: { ...smallEstimate, total: 3e9 }, fits: true },
        { name: 'nora r2', estimate: { ...smallEstimate, total: 5e9 }, fits: false },
      ],
      suggestion: { settings, total: 2e9 },
    });
    expect(workbench.experiments.list().items).toEqual([]);
  });

  test('is not made for a device whose memory is not known, nor of what could not run', async () => {
    await open();
    const estimate = (changes: object) => workbench.experiments.estimate({ definition: definition(changes) });
    expect(await estimate(training({ device: 'webgpu' }))).toBeNull();
    await expect(estimate(training({ sequenceLength: 65 }))).rejects.toThrow('training.sequenceLength: 65');
    expect(questions).toEqual([]);
  });

  test('gives way to the next one', async () => {
    await open(
      (question, signal) =>
        new Promise((resolve, reject) => {
          questions.push(question);
          signal?.addEventListener('abort', () => reject(new Error('killed')));
          if (questions.length > 1) void estimateMemory(question).then(resolve);
        }),
    );
    const first = workbench.experiments.estimate({ definition: definition() });
    const second = workbench.experiments.estimate({ definition: definition() });
    await expect(first).rejects.toThrow('another estimate was asked for meanwhile');
    expect((await second)?.configurations).toHaveLength(2);
  });

  test('is worked out by a trainer process from shapes alone, and makes no file', async () => {
    await open(estimateInTrainer(spawnChildTrainer(`${root}/main/trainer/entry.ts`)));
    const total = async (changes: object): Promise<number[]> => {
      const report = await workbench.experiments.estimate({ definition: definition(training(changes)) });
      return report!.configurations.map(({ estimate }) => estimate.total);
    };
    const [lora, nora] = await total({});
    expect(Math.min(lora!, nora!)).toBeGreaterThan(1e7);
    expect((await total({ batchSize: 64 }))[0]).toBeGreaterThan(lora!);
    expect((await total({ batchSize: 64, memory: 'low' }))[0]).toBeLessThan(
      (await total({ batchSize: 64 }))[0]!,
    );
    for (const baseFormat of ['bf16', 'int8', 'int4'])
      expect((await total({ baseFormat }))[0]).toBeGreaterThan(1e7);
    expect(existsSync(world.path('data', 'cache'))).toBe(false);
  });
});

describe('a run that would not fit', () => {
  const refusal =
    'not started: it would take about 5.0 GB of memory, and 4.0 GB are available; ' +
    'training.memory: low, training.batchSize: 1 and training.gradientAccumulation: 4 would fit (2.0 GB); ' +
    'training.memoryCheck: off starts it all the same';

  test('is refused with the settings that would fit, and leaves nothing behind but its log; the others run', async () => {
    await open();
    const experiment = await createExperiment(workbench);
    workbench.experiments.start({ id: experiment.id });
    endCompleted(await world.trainers.nth(0));
    const [lora, nora] = runsOf(workbench, experiment);
    await workbench.waitForRun(lora.id);
    expect(await workbench.waitForRun(nora.id)).toMatchObject({ status: 'failed', step: 0, error: refusal });
    expect(world.trainers.started).toHaveLength(1);
    expect(readdirSync(world.path('data', 'runs', nora.id))).toEqual(['log.txt']);
  });

  test('is refused where no settings were found too', async () => {
    await open(async (question) => ({ ...(await estimateMemory(question)), suggestion: null }));
    const [, nora] = (await createExperiment(workbench)).runs;
    workbench.runs.start({ id: nora!.id });
    expect((await workbench.waitForRun(nora!.id)).error).toContain('no settings were found that would fit');
  });

  test.each([
    ['the person’s wish', estimateMemory, { memoryCheck: 'off' }],
    ['beyond an estimate', () => Promise.reject(new Error('no idea')), {}],
  ])('starts all the same where that is %s', async (_, estimate, changes) => {
    await open(estimate);
    const [, nora] = (await createExperiment(workbench, training(changes))).runs;
    workbench.runs.start({ id: nora!.id });
    endCompleted(await world.trainers.nth(0));
    expect((await workbench.waitForRun(nora!.id)).status).toBe('completed');
  });

  test('is not estimated again at its start', async () => {
    await open();
    await workbench.experiments.estimate({ definition: definition() });
    const [lora] = (await createExperiment(workbench)).runs;
    workbench.runs.start({ id: lora!.id });
    endCompleted(await world.trainers.nth(0));
    await workbench.waitForRun(lora!.id);
    expect(questions).toHaveLength(1);
  });

  test('can be given up while it is estimated', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    await open(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('killed')));
          resolve();
        }),
    );
    const [lora] = (await createExperiment(workbench)).runs;
    const { id } = lora!;
    workbench.runs.start({ id });
    await asked;
    workbench.runs.cancel({ id });
    workbench.runs.cancel({ id }); // a second time: at once
    expect((await workbench.waitForRun(id)).status).toBe('cancelled');
    expect(world.trainers.started).toEqual([]);
  });
});
