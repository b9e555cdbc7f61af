import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
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
