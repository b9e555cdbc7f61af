import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { learningRateAt } from '../../main/engine/optim/schedule.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { root } from '../support/paths.ts';

const sample = join(root, 'main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-extended-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const specification = (name: string, adapter: object, training: object): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: join(sample, 'model'),
  cacheDirectory: join(workspace, 'cache'),
  dataset: {
    trainFile: join(sample, 'data/moby-dick.train.jsonl'),
    validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
    format: { kind: 'text', column: 'text' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse({ targetModules: ['q_proj', 'down_proj'], ...adapter }),
  training: trainingSettingsSchema.parse({
    ...{ steps: 4, batchSize: 2, sequenceLength: 24, evaluationBatches: 1, learningRate: 1e-2, threads: 1 },
    schedule: 'constant',
    ...training,
  }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: null,
});

const run = async (job: RunSpecification, pauseAt?: number): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (values(events, 'train/loss').some(([step]) => step === pauseAt) ? 'pause' : null),
  });
  return events;
};

const values = (events: readonly RunEvent[], name: string): [step: number, value: number][] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics
          .filter((metric) => metric.name === name)
          .map(({ step, value }): [number, number] => [step, value])
      : [],
  );
const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));
const summaryOf = (events: readonly RunEvent[]) => {
  const end = events.at(-1);
  if (end?.type !== 'completed') throw new Error(`ended with ${end?.type}`);
  return end.summary;
};

/** A run that has what the first ended with, as the workbench lays it out. */
const extension = (name: string, from: string, adapter: object, training: object): RunSpecification => {
  const job = specification(name, adapter, training);
  for (const part of ['adapter-start', 'checkpoints'])
    cpSync(join(workspace, from, part), join(job.runDirectory, part), { recursive: true });
  const [checkpoint] = findCheckpoints(job.runDirectory);
  return { ...job, resumeFrom: checkpoint!.directory, origin: { step: checkpoint!.step } };
};

const adapters = {
  LoRA: { method: 'lora', rank: 4, dropout: 0.2 },
  NoRA: { method: 'nora', outerRank: 16, innerRank: 4 },
  PiSSA: { method: 'pissa', rank: 4 },
};

it.each(Object.entries({ LoRA: adapters.LoRA, NoRA: adapters.NoRA, PiSSA: adapters.PiSSA }))(
  '%s: four steps and four more are eight, bit for bit, at a constant rate',
  async (name, adapter) => {
    const whole = await run(specification(`${name} whole`, adapter, { steps: 8, neftuneAlpha: 5 }));
    const first = await run(specification(`${name} first`, adapter, { neftuneAlpha: 5 }));
    const second = await run(extension(`${name} second`, `${name} first`, adapter, { neftuneAlpha: 5 }));
    expect([...values(first, 'train/loss'), ...values(second, 'train/loss')]).toEqual(
      values(whole, 'train/loss'),
    );
    expect(adapterBytes(`${name} second`).equals(adapterBytes(`${name} whole`))).toBe(true);
    // Its curves begin where the other's end, and what it is compared with is the base.
    expect(values(second, 'validation/loss').map(([step]) => step)).toEqual([4, 8]);
    expect(summaryOf(second)).toMatchObject({
      'run/steps': 8,
      'run/evaluations': 1,
      'validation/loss/before': summaryOf(whole)['validation/loss/before'],
    });
    expect(second).toContainEqual({ type: 'planned', steps: 8 });
  },
);

it('has a schedule of its own over its own steps, and times of its own', async () => {
  const linear = { schedule: 'linear', warmupSteps: 1 };
  await run(specification('schedule first', adapters.LoRA, linear));
  const job = extension('schedule second', 'schedule first', adapters.LoRA, { ...linear, steps: 3 });
  const second = await run(job);
  const settings = { ...job.training, steps: 3, warmupSteps: 1 };
  expect(values(second, 'train/learning_rate')).toEqual(
    [0, 1, 2].map((step) => [5 + step, learningRateAt(step, settings)]),
  );
  expect(summaryOf(second)['run/initialisation_seconds']).toBe(0);
});

it('goes on from its own checkpoint, also where it is a second time', async () => {
  const adapter = adapters.NoRA;
  await run(specification('paused first', adapter, {}));
  const whole = await run(extension('paused whole', 'paused first', adapter, {}));
  const job = extension('paused second', 'paused first', adapter, {});
  await run(job, 6);
  const [checkpoint] = findCheckpoints(job.runDirectory);
  expect(checkpoint!.step).toBe(6);
  const again = await run({ ...job, resumeFrom: checkpoint!.directory });
  expect(values(again, 'train/loss')).toEqual(values(whole, 'train/loss').slice(2));
  expect(adapterBytes('paused second').equals(adapterBytes('paused whole'))).toBe(true);

  const third = await run(extension('third', 'paused second', adapter, { steps: 2 }));
  expect(values(third, 'train/loss').map(([step]) => step)).toEqual([9, 10]);
});
