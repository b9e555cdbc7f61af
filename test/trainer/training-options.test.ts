import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { learningRateAt } from '../../main/engine/optim/schedule.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import type { RunSummary } from '../../main/engine/metrics/summary.ts';
import type { RunSpecification, RunEvent } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-options-'));
const model = writeTinyModel(join(workspace, 'tiny'));
const words = 'the white whale swam under the old ship and nobody aboard had seen it before'.split(' ');
const write = (name: string, texts: readonly string[]): string => {
  const file = join(workspace, name);
  writeFileSync(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  return file;
};
// Eleven rows of 2 to 12 words.
const trainFile = write(
  'train.jsonl',
  Array.from({ length: 11 }, (_, row) => words.slice(row % 3, 4 + row).join(' ')),
);
const validationFile = write('validation.jsonl', ['a captain of the sea', 'call me by the name']);

const specification = (
  name: string,
  training: object,
  changes: Partial<RunSpecification> = {},
): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: model,
  cacheDirectory: null,
  dataset: { trainFile, validationFile, format: { kind: 'text', column: 'text' }, validationFraction: 0.1 },
  adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, targetModules: ['q_proj', 'up_proj'] }),
  training: trainingSettingsSchema.parse({
    batchSize: 2,
    sequenceLength: 24,
    learningRate: 0.05,
    threads: 1,
    ...training,
  }),
  seed: 5,
  date: '2026-11-28',
  resumeFrom: null,
  ...changes,
});

/** How a run is ended before its end; a crash leaves what is on the disk. */
type Stop = { readonly step: number; readonly how: 'pause' | 'crash' };

const run = async (job: RunSpecification, stop?: Stop): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => {
      if (stop === undefined || values(events, 'train/loss').length < stop.step) return null;
      if (stop.how === 'crash') throw new Error('crash');
      return 'pause';
    },
  }).catch((error: unknown) => {
    if ((error as Error).message !== 'crash') throw error;
  });
  return events;
};

const values = (events: readonly RunEvent[], name: string): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter((one) => one.name === name).map(({ value }) => value)
      : [],
  );
const notices = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
const plannedOf = (events: readonly RunEvent[]): number | undefined =>
  events.find((event) => event.type === 'planned')?.steps;
const summaryOf = (events: readonly RunEvent[]): RunSummary => {
  const end = events.at(-1);
  if (end?.type !== 'completed') throw new Error(`ended with ${end?.type}`);
  return end.summary;
};
/** Without what differs from one process to the next. */
const measured = (summary: RunSummary) =>
  Object.fromEntries(Object.entries(summary).filter(([name]) => !/second|memory/.test(name)));
const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));

/** Stops the run, goes on from what is on the disk, and gives the events of the second process. */
const interrupted = async (name: string, training: object, stop: Stop, changes = {}) => {
  const job = specification(name, training, changes);
  const first = await run(job, stop);
  const [checkpoint] = findCheckpoints(job.runDirectory);
  const second = await run({ ...job, resumeFrom: checkpoint?.directory ?? null });
  return { first, second, from: checkpoint?.step ?? 0 };
};

const epochs = { epochs: 3, batchSize: 2, gradientAccumulation: 3, warmupRatio: 0.3 };

describe.each([
  // 11 rows thrice are 33, 6 a step; packed into fewer, the order of each epoch decides.
  ['epochs', epochs, 6],
  ['epochs, packed', { ...epochs, packing: true, batchSize: 1, gradientAccumulation: 2 }, undefined],
  ['tokens', { maxTokens: 150, gradientAccumulation: 2 }, undefined],
])('a run of %s', (name, training, steps) => {
  it('knows its steps before the first, and goes on from a pause to the same bytes', async () => {
    const whole = await run(specification(name, training));
    const planned = plannedOf(whole)!;
    expect(values(whole, 'train/loss')).toHaveLength(planned);
    if (steps !== undefined) expect(planned).toBe(steps);
    expect(summaryOf(whole)).toMatchObject({ 'run/steps': planned, 'run/evaluations': 1 });
    const firstStep = whole.findIndex((event) => event.type === 'progress' && event.phase === 'training');
    expect(whole.findIndex((event) => event.type === 'planned')).toBeLessThan(firstStep);

    const settings = trainingSettingsSchema.parse({ learningRate: 0.05, ...training });
    const warmupSteps = Math.ceil(settings.warmupRatio * planned);
    expect(values(whole, 'train/learning_rate')).toEqual(
      Array.from({ length: planned }, (_, step) =>
        learningRateAt(step, { ...settings, steps: planned, warmupSteps }),
      ),
    );

    for (const step of [1, planned - 1]) {
      const again = `${name} paused at ${step}`;
      const { first, second, from } = await interrupted(again, training, { step, how: 'pause' });
      expect(from).toBe(step);
      expect(plannedOf(second)).toBe(planned);
      expect([...values(first, 'train/loss'), ...values(second, 'train/loss')]).toEqual(
        values(whole, 'train/loss'),
      );
      expect(adapterBytes(again).equals(adapterBytes(name))).toBe(true);
    }
  });
});

it('a budget of ranks follows the counted steps', async () => {
  const adapter = adapterSettingsSchema.parse({ method: 'adalora', rank: 4, targetRank: 2 });
  const counted = await run(
    specification('adalora epochs', { epochs: 3, gradientAccumulation: 3 }, { adapter }),
  );
  expect(plannedOf(counted)).toBe(6);
  const { second } = await interrupted(
    'adalora paused',
    { epochs: 3, gradientAccumulation: 3 },
    { step: 4, how: 'pause' },
    { adapter },
  );
  expect(summaryOf(second)['run/steps']).toBe(6);
  expect(adapterBytes('adalora paused').equals(adapterBytes('adalora epochs'))).toBe(true);
});

it('noise and dropout are drawn again where a run of epochs goes on', async () => {
  const adapter = adapterSettingsSchema.parse({ method: 'lora', rank: 2, dropout: 0.2 });
  const training = { ...epochs, neftuneAlpha: 5 };
  const whole = await run(specification('noise', training, { adapter }));
  expect(plannedOf(whole)).toBe(6);
  const { second } = await interrupted('noise paused', training, { step: 5, how: 'pause' }, { adapter });
  expect(summaryOf(second)['run/steps']).toBe(6);
  expect(adapterBytes('noise paused').equals(adapterBytes('noise'))).toBe(true);
});

it('refuses a warmup that is longer than the counted run', async () => {
  await expect(run(specification('warmup', { epochs: 1, warmupSteps: 7 }))).rejects.toThrow(
    'training.warmupSteps: 7 is more than the 6 steps',
  );
});

describe('early stopping', () => {
  const stopping = { steps: 20, evaluateEvery: 2, earlyStopping: { patience: 2, minDelta: 100 } };

  it('ends the run as completed, with a notice, and remembers over pauses', async () => {
    const whole = await run(specification('stopped', stopping));
    const summary = summaryOf(whole);
    // The first evaluation is the reference, the two after it fall by less than 100.
    expect(summary['run/steps']).toBe(6);
    expect(values(whole, 'train/loss')).toHaveLength(6);
    expect(values(whole, 'validation/loss')).toHaveLength(4);
    expect(summary).toMatchObject({
      'run/evaluations': 3,
      'validation/loss/last': summary['validation/loss'],
    });
    expect(notices(whole).at(-1)).toMatch(
      /^stopped early, at step 6 of 20: the held-out loss had not fallen by at least 100 in 2 evaluations \(lowest \d\.\d{4} at step \d\)$/,
    );
    for (const step of [1, 2, 4, 5]) {
      const name = `stopped after ${step}`;
      const { second } = await interrupted(name, stopping, { step, how: 'pause' });
      expect(measured(summaryOf(second))).toEqual(measured(summary));
      expect(adapterBytes(name).equals(adapterBytes('stopped'))).toBe(true);
    }
  });

  it('also where the process dies after the checkpoint of the last evaluation', async () => {
    const training = { ...stopping, checkpointEvery: 2 };
    const job = specification('died at the end', training);
    await run(job);
    const directory = findCheckpoints(job.runDirectory)[0]!.directory;
    const again = await run({ ...job, resumeFrom: directory });
    expect(values(again, 'train/loss')).toEqual([]);
    expect(summaryOf(again)['run/steps']).toBe(6);
    expect(adapterBytes('died at the end').equals(adapterBytes('stopped'))).toBe(true);
  });

  it('does not end a run whose loss falls', async () => {
    const training = { steps: 6, evaluateEvery: 2, learningRate: 1e-3, earlyStopping: { patience: 1 } };
    expect(summaryOf(await run(specification('falls', training)))['run/steps']).toBe(6);
  });
});

it('goes on from a checkpoint of a version that did not keep evaluations', async () => {
  const training = { steps: 4 };
  const job = specification('older', training);
  await run(job, { step: 2, how: 'pause' });
  const [checkpoint] = findCheckpoints(job.runDirectory);
  const file = join(checkpoint!.directory, 'checkpoint.json');
  const { evaluations, startSeal, ...older } = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    unknown
  >;
  expect([evaluations, typeof startSeal]).toEqual([[], 'string']);
  writeFileSync(file, JSON.stringify({ ...older, formatVersion: 1 }));
  rmSync(join(checkpoint!.directory, 'sums.json'));
  const resumed = await run({ ...job, resumeFrom: checkpoint!.directory });
  await run(specification('newer', training));
  expect(summaryOf(resumed)['run/steps']).toBe(4);
  expect(adapterBytes('older').equals(adapterBytes('newer'))).toBe(true);
});

describe('keeping the best', () => {
  // A rate this high brings the held-out loss down for a few steps only.
  const training = { steps: 24, evaluateEvery: 2, schedule: 'constant', keepBest: true };

  it('saves the adapter of the lowest evaluation, bit for bit', async () => {
    const events = await run(specification('best', training));
    const summary = summaryOf(events);
    const losses = values(events, 'validation/loss').slice(1);
    const lowest = Math.min(...losses);
    const step = 2 * (losses.indexOf(lowest) + 1);
    expect(step).toBeLessThan(24);
    expect(summary).toMatchObject({
      'run/evaluations': 12,
      'run/steps': 24,
      'run/best_step': step,
      'run/kept_step': step,
      'validation/loss': lowest,
      'validation/loss/best': lowest,
      'validation/loss/last': losses.at(-1),
    });
    expect(notices(events).at(-1)).toBe(
      `the adapter of step ${step} is kept: its held-out loss of ${lowest.toFixed(4)} was the lowest of 12 evaluations; after the last step it was ${losses.at(-1)!.toFixed(4)}`,
    );
    // Left are the last, the one before it, and the best.
    expect(findCheckpoints(join(workspace, 'best')).map((one) => one.step)).toEqual([24, step]);

    const { keepBest: _, ...plain } = training;
    await run(specification('as far as the best', { ...plain, steps: step }));
    expect(adapterBytes('best').equals(adapterBytes('as far as the best'))).toBe(true);
    const last = await run(specification('last', plain));
    expect(summaryOf(last)).toMatchObject({ 'validation/loss': losses.at(-1), 'run/best_step': step });
    expect(summaryOf(last)).not.toHaveProperty('run/kept_step');
    expect(adapterBytes('last').equals(adapterBytes('best'))).toBe(false);

    for (const how of ['pause', 'crash'] as const)
      for (const at of [1, step, step + 1, 22]) {
        const name = `best, ${how} at ${at}`;
        const { second } = await interrupted(name, training, { step: at, how });
        expect(measured(summaryOf(second))).toEqual(measured(summary));
        expect(adapterBytes(name).equals(adapterBytes('best'))).toBe(true);
      }
  });

  it.each(['damaged', 'gone'])(
    'keeps the last, and says so, where the checkpoint of the best is %s',
    async (how) => {
      const name = `best that is ${how}`;
      const job = specification(name, training);
      await run(job, { step: 23, how: 'pause' });
      const [last, best] = findCheckpoints(job.runDirectory).flatMap((one, at, { length }) =>
        at === 0 || at === length - 1 ? [one] : [],
      );
      const file = join(best!.directory, 'state.safetensors');
      if (how === 'gone') rmSync(best!.directory, { recursive: true });
      else
        writeFileSync(
          file,
          readFileSync(file).map((byte, at, { length }) => (at === length - 1 ? byte ^ 1 : byte)),
        );
      const events = await run({ ...job, resumeFrom: last!.directory });
      const { keepBest: _, ...plain } = training;
      const plainEvents = await run(specification(`the last of ${name}`, plain));
      expect(adapterBytes(name).equals(adapterBytes(`the last of ${name}`))).toBe(true);
      expect(summaryOf(events)).toMatchObject({
        ...{ 'run/best_step': best!.step, 'run/kept_step': 24 },
        'validation/loss': summaryOf(plainEvents)['validation/loss'],
      });
      expect(notices(events).at(-1)).toMatch(
        `the adapter of the last step, 24, is kept in place of that of step ${best!.step}`,
      );
      expect(notices(events).at(-1)).toMatch(best!.directory);
    },
  );

  it('goes with early stopping', async () => {
    const events = await run(
      specification('both', { ...training, steps: 100, earlyStopping: { patience: 2 } }),
    );
    const summary = summaryOf(events);
    expect(summary['run/steps']).toBe(summary['run/best_step']! + 4);
    expect(notices(events)).toHaveLength(2);
    expect(adapterBytes('both').equals(adapterBytes('best'))).toBe(true);
  });
});
