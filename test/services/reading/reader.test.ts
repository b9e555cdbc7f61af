import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createReader, type Reader } from '../../../main/services/reading/reader.ts';
import { scriptedTrainers } from '../scripted-trainer.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';

/** Real processes, in which reading does what the path says. */
const spawn = spawnChildTrainer(join(import.meta.dirname, '../../trainer/scripted-entry.ts'));

let reader: Reader;
beforeEach(() => {
  reader = createReader(spawn, { heapMegabytes: 100, memoryMegabytes: 400 });
});
afterEach(() => reader.close());

const readModel = (directory: string, options = {}): Promise<unknown> =>
  reader.read({ kind: 'model', directory }, options);
/** What answers short questions says its process's id. */
const processOf = async (): Promise<string> => {
  const answer: unknown = await reader.read({ kind: 'model-files', directory: '/any', known: [] });
  return (answer as { hashes: string[] }).hashes[0]!;
};

describe('reading ends, by the name of what was read, where it', () => {
  test.each([
    ['/heap', /^\/heap: reading it took more than 100 MB of memory for objects and texts and was ended; /],
    ['/buffers', /^\/buffers: reading it took more than 400 MB of memory and was ended; /],
    ['/die', /^\/die: the trainer process ended unexpectedly \(signal SIGABRT\)/],
    ['/refuse', /^\/refuse: is refused$/],
  ])('does as %s', async (path, message) => {
    await expect(readModel(path)).rejects.toThrow(message);
    expect(await processOf()).toMatch(/^\d+$/);
  });

  test('comes no further', async () => {
    reader.close();
    reader = createReader(spawn, { silentSeconds: 2 });
    await expect(readModel('/hang')).rejects.toThrow(
      /^\/hang: reading it came no further for 2 s and was ended; /,
    );
  });

  test('is stopped', async () => {
    const controller = new AbortController();
    const stopped = readModel('/hang', { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(stopped).rejects.toThrow('/hang: reading it was stopped');
    await expect(readModel('/any', { signal: controller.signal })).rejects.toThrow(
      '/any: reading it was stopped',
    );
  });

  test('goes on while the workbench closes', async () => {
    const ended = readModel('/hang');
    setTimeout(() => reader.close(), 200);
    await expect(ended).rejects.toThrow('/hang: the workbench is being closed');
    await expect(readModel('/any')).rejects.toThrow('/any: the workbench is being closed');
  });
});

test('takes its time as long as it gets on, and says how far it is', async () => {
  vi.useFakeTimers();
  try {
    const { spawn: scripted, started } = scriptedTrainers();
    const told: number[] = [];
    const patient = createReader(scripted, { silentSeconds: 4 });
    const onProgress = (done: number): void => void told.push(done);
    const reading = patient.read({ kind: 'hashes', files: ['/slow'] }, { onProgress });
    await vi.advanceTimersByTimeAsync(3000);
    for (const done of [1, 2, 3]) {
      started[0]!.emit({ type: 'reading', done, total: 3 });
      await vi.advanceTimersByTimeAsync(3000);
    }
    started[0]!.emit({ type: 'read', answer: { kind: 'hashes', hashes: ['a'] }, memory: 0 });
    expect(await reading).toEqual({ kind: 'hashes', hashes: ['a'] });
    expect(told).toEqual([1, 2, 3]);
    patient.close();
  } finally {
    vi.useRealTimers();
  }
});

test('a process answers one question after the other as long as it holds little', async () => {
  const first = await processOf();
  expect(await processOf()).toBe(first);
  await readModel('/much');
  expect(await processOf()).not.toBe(first);
});

test('long readings keep no short one waiting', async () => {
  const long = Promise.allSettled([1, 2, 3].map(() => readModel('/hang')));
  await processOf();
  reader.close();
  const ends = (await long).map((end) => (end as PromiseRejectedResult).reason.message as string);
  expect(ends).toEqual(Array(3).fill('/hang: the workbench is being closed'));
});
