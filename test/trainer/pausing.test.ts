import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-pausing-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const model = writeTinyModel(join(workspace, 'tiny'));
const write = (name: string, rows: number): string => {
  const file = join(workspace, name);
  const texts = Array.from({ length: rows }, (_, row) => ({ text: `whale ${row} swims under the old ship` }));
  writeFileSync(file, texts.map((text) => `${JSON.stringify(text)}\n`).join(''));
  return file;
};
const trainFile = write('train.jsonl', 12);
const validationFile = write('validation.jsonl', 8);

const specification = (name: string, training: object): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: model,
  cacheDirectory: null,
  dataset: { trainFile, validationFile, format: { kind: 'text', column: 'text' }, validationFraction: 0.1 },
  adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, targetModules: ['q_proj', 'up_proj'] }),
  training: trainingSettingsSchema.parse({
    ...{ batchSize: 2, sequenceLength: 24, learningRate: 0.05, threads: 1, evaluateEvery: 2 },
    ...training,
  }),
  seed: 5,
  date: '2026-11-28',
  resumeFrom: null,
});

const run = async (
  job: RunSpecification,
  shouldStop: (events: readonly RunEvent[]) => 'pause' | 'cancel' | null = () => null,
): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  await trainRun(job, { emit: (event) => void events.push(event), shouldStop: () => shouldStop(events) });
  return events;
};
const adapterBytes = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));
const checkpointSteps = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'checkpoint' ? [event.step] : []));
const lossesOf = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter(({ name }) => name === 'validation/loss').map(({ value }) => value)
      : [],
  );

test('a run whose evaluation takes long pauses within it, and goes on bit for bit', async () => {
  const training = { steps: 6, keepBest: true };
  const whole = await run(specification('whole', training));

  for (const [name, of] of Object.entries({ 'in the middle': 4, 'after the last step': 6 })) {
    const job = specification(name, training);
    // Once the step is done, in the first batch of what is measured of it.
    const isDone = ({ type, ...event }: RunEvent): boolean =>
      type === 'metrics' &&
      (event as Extract<RunEvent, { type: 'metrics' }>).metrics.some(
        (metric) => metric.name === 'train/loss' && metric.step === of,
      );
    const first = await run(job, (events) => (events.some(isDone) ? 'pause' : null));
    expect(first.at(-1)).toMatchObject({ type: 'paused', step: of });
    expect(lossesOf(first)).toHaveLength(of / 2); // the last one is not done
    const resumeFrom = findCheckpoints(job.runDirectory)[0]!.directory;
    const second = await run({ ...job, resumeFrom });
    expect([...lossesOf(first), ...lossesOf(second)]).toEqual(lossesOf(whole));
    expect(adapterBytes(name).equals(adapterBytes('whole'))).toBe(true);
  }
});

describe('a run that is asked to stop before its first step', () => {
  const nora = adapterSettingsSchema.parse({
    ...{ method: 'nora', outerRank: 4, innerRank: 2, calibrationBatches: 2 },
    targetModules: ['q_proj', 'up_proj'],
  });
  const job = (name: string): RunSpecification => ({
    ...specification(name, { steps: 4, samples: { prompts: ['whale'], maximumTokens: 4 } }),
    adapter: nora,
  });
  const phaseOf = (event: RunEvent | undefined): string => (event?.type === 'progress' ? event.phase : '');
  const isIn = (events: readonly RunEvent[], phase: string): boolean => phaseOf(events.at(-1)) === phase;
  const batchesOf = (events: readonly RunEvent[]): number =>
    events.filter((event) => phaseOf(event) === 'evaluating').length;

  test.each(['loading', 'preparing-data', 'calibrating', 'initialising', 'evaluating', 'sampling'])(
    'leaves %s at once, and begins anew to the same bytes',
    async (phase) => {
      await run(job('begun'));
      const first = await run(job(phase), (events) => (isIn(events, phase) ? 'pause' : null));
      expect(first.at(-1)).toEqual({ type: 'paused', step: 0, checkpointDirectory: null });
      expect(first.map(phaseOf).filter((name) => name === 'training')).toEqual([]);
      if (phase === 'evaluating') expect(batchesOf(first)).toBe(1); // of four
      expect(findCheckpoints(job(phase).runDirectory)).toEqual([]);
      expect((await run(job(phase))).at(-1)).toMatchObject({ type: 'completed' });
      expect(adapterBytes(phase).equals(adapterBytes('begun'))).toBe(true);
    },
  );

  test('is cancelled between two batches of its first evaluation', async () => {
    const events = await run(job('cancelled'), (told) => (isIn(told, 'evaluating') ? 'cancel' : null));
    expect(events.at(-1)).toEqual({ type: 'cancelled', step: 0 });
    expect(batchesOf(events)).toBe(1);
  });

  test('that goes on and is asked while it loads stands where it stood', async () => {
    const stepsOf = (events: readonly RunEvent[]): number =>
      events.filter((event) => event.type === 'metrics' && event.metrics[0]?.name === 'train/loss').length;
    await run(job('goes on'), (events) => (stepsOf(events) === 2 ? 'pause' : null));
    const [checkpoint] = findCheckpoints(job('goes on').runDirectory);
    const resumed = { ...job('goes on'), resumeFrom: checkpoint!.directory };
    const paused = await run(resumed, () => 'pause');
    expect(paused.at(-1)).toEqual({ type: 'paused', step: 2, checkpointDirectory: checkpoint!.directory });
    await run(resumed);
    await run(job('never stopped'));
    expect(adapterBytes('goes on').equals(adapterBytes('never stopped'))).toBe(true);
  });
});

test('an evaluation in the midst is left between two tokens of a sample, and done anew', async () => {
  const training = { steps: 4, samples: { prompts: ['whale', 'ship'], maximumTokens: 12 } };
  const tokensOf = (events: readonly RunEvent[]): number =>
    events.filter((event) => event.type === 'progress' && event.phase === 'sampling').length;
  const whole = await run(specification('sampled', training));
  const [all] = [0, 2, 4].map((step) =>
    whole.filter((event) => event.type === 'samples' && event.step === step),
  );
  expect(all).toHaveLength(1);
  const isSampling = (events: readonly RunEvent[]): boolean =>
    events.some((event) => event.type === 'metrics' && event.metrics[0]?.step === 2) &&
    tokensOf(events) > tokensOf(whole) / 3 + 2;
  const first = await run(specification('sampled in part', training), (events) =>
    isSampling(events) ? 'pause' : null,
  );
  expect(first.at(-1)).toMatchObject({ type: 'paused', step: 2 });
  expect(tokensOf(first)).toBeLessThan((tokensOf(whole) / 3) * 2);
  const resumeFrom = findCheckpoints(join(workspace, 'sampled in part'))[0]!.directory;
  const second = await run({ ...specification('sampled in part', training), resumeFrom });
  const samplesOf = (events: readonly RunEvent[]): RunEvent[] =>
    events.filter(({ type }) => type === 'samples');
  expect([...samplesOf(first), ...samplesOf(second)]).toEqual(samplesOf(whole));
});

test('checkpoints by time change nothing of a run, and are as good as any to go on from', async () => {
  const plain = await run(specification('plain', { steps: 40, evaluateEvery: 0 }));
  expect(checkpointSteps(plain)).toEqual([40]); // a short run is not held up

  const job = specification('by time', { steps: 40, evaluateEvery: 0, checkpointMinutes: 1e-6 });
  const first = await run(job, (events) => {
    const [step] = checkpointSteps(events);
    if (step === undefined) return null;
    expect(step).toBeLessThan(40);
    throw new Error('the machine is gone');
  }).catch(() => null);
  expect(first).toBeNull();
  const [checkpoint] = findCheckpoints(job.runDirectory);
  await run({ ...job, resumeFrom: checkpoint!.directory });
  expect(adapterBytes('by time').equals(adapterBytes('plain'))).toBe(true);
});
