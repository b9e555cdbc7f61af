import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { isOrphan } from '../../main/trainer/process/orphan.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { checkpointDirectory, findCheckpoints } from '../../main/trainer/run/checkpoint-folders.ts';
import { takeRunLock, untilUntrained } from '../../main/trainer/run/run-lock.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

vi.mock('../../main/trainer/process/orphan.ts', () => ({ isOrphan: vi.fn(() => false) }));

const sample = join(import.meta.dirname, '../../main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-run-lock-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
afterEach(() => void vi.mocked(isOrphan).mockReset().mockReturnValue(false));

const specification = (name: string, changes: Partial<RunSpecification> = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: join(sample, 'model'),
  cacheDirectory: null,
  dataset: {
    trainFile: join(sample, 'data/moby-dick.train.jsonl'),
    validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
    format: { kind: 'text', column: 'text' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 4 }),
  training: trainingSettingsSchema.parse({
    steps: 5,
    batchSize: 1,
    sequenceLength: 16,
    evaluateEvery: 2,
    evaluationBatches: 3,
    learningRate: 2e-3,
    threads: 1,
  }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: null,
  ...changes,
});

/** @param onEvent sees each event as it is told */
const train = async (
  job: RunSpecification,
  onEvent: (event: RunEvent) => void = () => undefined,
): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => {
    events.push(event);
    onEvent(event);
  };
  await trainRun(job, { emit, shouldStop: () => null });
  return events;
};

/** The values that do not depend on the clock, each once, as the store keeps them. */
const valuesOf = (events: readonly RunEvent[]): Map<string, number> =>
  new Map(
    events
      .flatMap((event) => (event.type === 'metrics' ? event.metrics : []))
      .filter(({ name }) => /loss|gradient|rate|perplexity/.test(name))
      .map(({ name, step, value }) => [`${name} ${step}`, value]),
  );
const adapterOf = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));

describe('the lock of a run', () => {
  it('keeps a second trainer out, by name, and lets it in once the first is gone', async () => {
    const directory = join(workspace, 'locked');
    const lock = await takeRunLock(directory);
    await expect(takeRunLock(directory, { patience: 0 })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(
        `${directory}: an earlier trainer (process ${process.pid}) is still at work on this run`,
      ) as string,
    });
    await expect(untilUntrained(directory, { patience: 0 })).rejects.toMatchObject({ code: 'conflict' });
    setTimeout(() => lock.close(), 100);
    await untilUntrained(directory);
    (await takeRunLock(directory, { patience: 0 })).close();
  });

  it('is given back by a run that ends, however it does', async () => {
    await train(specification('ends'));
    await untilUntrained(join(workspace, 'ends'), { patience: 0 });
    const broken = specification('breaks', { modelDirectory: join(workspace, 'no model') });
    await expect(train(broken)).rejects.toThrow();
    await untilUntrained(join(workspace, 'breaks'), { patience: 0 });
  });
});

describe('a trainer whose workbench is gone', () => {
  it('leaves what it prepares, and writes nothing', async () => {
    const job = specification('abandoned early');
    const preparing = train(job, ({ type }) => {
      if (type === 'progress') vi.mocked(isOrphan).mockReturnValue(true);
    });
    expect((await preparing).at(-1)).toEqual({ type: 'paused', step: 0, checkpointDirectory: null });
    expect(existsSync(join(job.runDirectory, 'adapter-start'))).toBe(false);
    expect(findCheckpoints(job.runDirectory)).toEqual([]);
  });

  it('leaves an evaluation, saves its steps, and whoever goes on measures the same', async () => {
    const whole = await train(specification('whole'));
    const job = specification('abandoned');
    const seen: RunEvent[] = [];
    const evaluating = train(job, (event) => {
      seen.push(event);
      const isSecond = valuesOf(seen).has('train/loss 2');
      if (isSecond && event.type === 'progress' && event.phase === 'evaluating')
        vi.mocked(isOrphan).mockReturnValue(true);
    });
    expect((await evaluating).at(-1)).toMatchObject({ type: 'paused', step: 2 });
    const [checkpoint] = findCheckpoints(job.runDirectory);
    expect(checkpoint?.step).toBe(2);
    expect(valuesOf(seen).has('validation/loss 2')).toBe(false);

    vi.mocked(isOrphan).mockReturnValue(false);
    const rest = await train({ ...job, resumeFrom: checkpoint!.directory });
    expect(valuesOf([...seen, ...rest])).toEqual(valuesOf(whole));
    expect(adapterOf('abandoned').equals(adapterOf('whole'))).toBe(true);
  });

  it('writes nothing into a folder that was taken from it', async () => {
    const job = specification('taken');
    const training = train(job, (event) => {
      if (event.type === 'metrics' && event.metrics[0]?.step === 5)
        rmSync(job.runDirectory, { recursive: true });
    });
    await expect(training).rejects.toMatchObject({ code: 'conflict' });
    expect(existsSync(job.runDirectory)).toBe(false);
  });
});

it('never removes a later step than its own', async () => {
  const job = specification('later');
  const later = checkpointDirectory(job.runDirectory, 9);
  mkdirSync(later, { recursive: true });
  await train(job);
  expect(existsSync(later)).toBe(true);
});
