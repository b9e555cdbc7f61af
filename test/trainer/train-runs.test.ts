import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { createBaseStep } from '../../main/engine/train/step/base-step.ts';
import type { RunEvent, RunSpecification, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { trainRuns } from '../../main/trainer/run/group/train-runs.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { root } from '../support/paths.ts';

vi.mock(import('../../main/engine/train/step/base-step.ts'), async (original) => {
  const actual = await original();
  return { ...actual, createBaseStep: vi.fn(actual.createBaseStep) };
});

const sample = join(root, 'main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-beside-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
beforeEach(() => void vi.mocked(createBaseStep).mockClear());

const lora = { method: 'lora', rank: 4, alpha: 8, dropout: 0.1 };
/** Of the same delta rank: it goes by the same base. */
const nora = { method: 'nora', outerRank: 8, innerRank: 4, alpha: 8, calibrationBatches: 1, dropout: 0.1 };
const larger = { method: 'lora', rank: 6, alpha: 8, dropout: 0.1 };

const specification = (
  directory: string,
  adapter: object,
  seed: number,
  training: object = {},
): RunSpecification => ({
  runDirectory: join(workspace, directory),
  modelDirectory: join(sample, 'model'),
  cacheDirectory: null,
  dataset: {
    trainFile: join(sample, 'data/continuations.jsonl'),
    validationFile: null,
    format: { kind: 'prompt-completion', prompt: 'prompt', completion: 'completion' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse(adapter),
  training: trainingSettingsSchema.parse({
    steps: 4,
    batchSize: 2,
    sequenceLength: 48,
    learningRate: 5e-3,
    evaluateEvery: 2,
    evaluationBatches: 2,
    neftuneAlpha: 2,
    threads: 2,
    ...training,
  }),
  seed,
  heldOut: { seed: 0 },
  date: '2026-11-28',
  resumeFrom: null,
});

type Runs = Readonly<Record<string, readonly [adapter: object, seed: number, training?: object]>>;

const runs: Runs = { 'lora-1': [lora, 1], 'nora-2': [nora, 2], 'lora-3': [lora, 3] };

const specifications = (folder: string, of: Runs) =>
  Object.entries(of).map(([run, [adapter, seed, training]]) => ({
    run,
    specification: specification(join(folder, run), adapter, seed, training),
  }));

/** What each run told, trained in one process; and in what order. */
const trainTogether = async (
  jobs: ReturnType<typeof specifications>,
  stops: Readonly<Record<string, { step: number; how: 'pause' | 'cancel' }>> = {},
) => {
  const told: TrainerEvent[] = [];
  const eventsOf = (run: string): RunEvent[] =>
    told.flatMap((event) => (event.type === 'of-run' && event.run === run ? [event.event] : []));
  await trainRuns(jobs, {
    emit: (event) => void told.push(event),
    shouldStop: (run) => {
      const stop = stops[run!];
      return stop && values(eventsOf(run!), 'train/loss').length >= stop.step ? stop.how : null;
    },
  });
  return { told, eventsOf };
};

const trainAlone = async (job: RunSpecification): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  await trainRun(job, { emit: (event) => void events.push(event), shouldStop: () => null });
  return events;
};

const values = (events: readonly RunEvent[], name: string): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter((metric) => metric.name === name).map(({ value }) => value)
      : [],
  );

const numbers = (events: readonly RunEvent[]): number[] =>
  ['train/loss', 'train/gradient_norm', 'validation/loss'].flatMap((name) => values(events, name));

const bytes = (folder: string, run: string): Buffer =>
  readFileSync(join(workspace, folder, run, 'adapter/adapter.safetensors'));

const alone = new Map<string, RunEvent[]>();
for (const { run, specification: job } of specifications('alone', runs))
  alone.set(run, await trainAlone(job));

describe('runs in one process', () => {
  it('give what they give alone, bit for bit, on one compiled base, in turns', async () => {
    const { told, eventsOf } = await trainTogether(specifications('together', runs));
    expect(createBaseStep).toHaveBeenCalledTimes(1);
    for (const run of Object.keys(runs)) {
      expect(numbers(eventsOf(run))).toEqual(numbers(alone.get(run)!));
      expect(bytes('together', run).equals(bytes('alone', run))).toBe(true);
      expect(eventsOf(run).at(-1)?.type).toBe('completed');
    }
    expect(told.at(-1)).toEqual({ type: 'trained' });
    const steps = told.flatMap((event) =>
      event.type === 'of-run' && values([event.event], 'train/loss').length > 0 ? [event.run] : [],
    );
    const names = Object.keys(runs);
    expect(steps).toEqual([...names, ...names, ...names, ...names]);
  });

  it('each pay for what was made for all, and call no memory their own', async () => {
    const started = performance.now();
    const { eventsOf } = await trainTogether(specifications('paid', runs));
    const wall = (performance.now() - started) / 1000;
    const summaries = Object.keys(runs).map((run) => {
      const end = eventsOf(run).at(-1)!;
      if (end.type !== 'completed') throw new Error(end.type);
      return end.summary;
    });
    const ofStart = process.uptime();
    for (const summary of summaries) {
      expect(summary['run/peak_memory_bytes']).toBeUndefined();
      expect(summary['run/shared_peak_memory_bytes']).toBeGreaterThan(0);
      expect(summary['run/total_seconds']).toBeLessThan(ofStart + wall);
    }
    expect(values(eventsOf('lora-1'), 'train/memory_bytes')).toEqual([]);
    expect(values(alone.get('lora-1')!, 'train/memory_bytes')).toHaveLength(4);
  });

  it('are paused and cancelled one by one, and go on alone or beside others', async () => {
    const { eventsOf } = await trainTogether(specifications('stopped', runs), {
      'lora-1': { step: 2, how: 'pause' },
      'nora-2': { step: 1, how: 'cancel' },
    });
    const pause = eventsOf('lora-1').at(-1)!;
    if (pause.type !== 'paused') throw new Error(pause.type);
    expect(pause.step).toBe(2);
    expect(eventsOf('nora-2').at(-1)).toEqual({ type: 'cancelled', step: 1 });
    expect(bytes('stopped', 'lora-3').equals(bytes('alone', 'lora-3'))).toBe(true);

    const [first, second] = specifications('stopped', runs);
    const resumed = { ...first!.specification, resumeFrom: pause.checkpointDirectory };
    await trainTogether([{ run: 'lora-1', specification: resumed }, second!]);
    for (const run of ['lora-1', 'nora-2'])
      expect(bytes('stopped', run).equals(bytes('alone', run))).toBe(true);
  });

  it('fail alone: by their numbers, their settings or their data', async () => {
    const astray: Runs = {
      'lora-1': [lora, 1],
      explodes: [lora, 5, { learningRate: 10, schedule: 'constant', maxGradientNorm: null }],
      'too-large': [{ ...lora, rank: 100 }, 1],
      'lora-3': [lora, 3],
    };
    const jobs = specifications('astray', astray).map((job) =>
      job.run === 'explodes'
        ? {
            ...job,
            specification: {
              ...job.specification,
              training: { ...job.specification.training, learningRate: 1e30 },
            },
          }
        : job,
    );
    const { eventsOf, told } = await trainTogether(jobs);
    expect(eventsOf('explodes').at(-1)).toMatchObject({
      type: 'failed',
      message: expect.stringContaining('no longer a finite number') as string,
    });
    expect(eventsOf('too-large').at(-1)).toMatchObject({
      type: 'failed',
      message: 'rank: 100 is larger than the matrix k_proj (64 x 192) allows: at most 64',
    });
    for (const run of ['lora-1', 'lora-3'])
      expect(bytes('astray', run).equals(bytes('alone', run))).toBe(true);
    expect(told.at(-1)).toEqual({ type: 'trained' });
  });

  it('of other shapes, dropout or smoothing have bases of their own', async () => {
    const different: Runs = {
      plain: [lora, 1, { steps: 1, evaluateEvery: 0 }],
      larger: [larger, 1, { steps: 1, evaluateEvery: 0 }],
      drier: [{ ...lora, dropout: 0 }, 1, { steps: 1, evaluateEvery: 0 }],
      smoother: [lora, 1, { steps: 1, evaluateEvery: 0, labelSmoothing: 0.1 }],
    };
    const { eventsOf } = await trainTogether(specifications('different', different));
    expect(createBaseStep).toHaveBeenCalledTimes(4);
    for (const { run, specification: job } of specifications('different-alone', different))
      expect(numbers(eventsOf(run))).toEqual(numbers(await trainAlone(job)));
  });
});
