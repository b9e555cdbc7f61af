import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReadFiles } from '../../../main/services/reading/reader.ts';
import { readHere } from '../read-here.ts';
import { createWorld, type World } from '../test-world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

/** Reads half of it, and the rest never. */
const half: ReadFiles = (_question, { signal, onProgress } = {}) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('reading it was stopped')));
    onProgress?.(5, 10);
  });

test.each([
  ['data', 'datasets.import'],
  ['a model', 'models.import'],
  ["a model's files", 'models.verify'],
  ['an adapter', 'adapters.import'],
])('reading %s is told by the name that the caller made up, and stopped by it', async (_, method) => {
  let readFiles = readHere;
  const workbench = world.open({ readFiles: (...asked) => readFiles(...asked) });
  await world.stock(workbench);
  readFiles = half;
  const work = {
    'datasets.import': () => workbench.datasets.import({ trainFile: world.path('sea.jsonl'), job: 'j' }),
    'models.import': () => workbench.models.import({ directory: world.path('tiny'), job: 'j' }),
    'models.verify': () => workbench.models.verify({ id: 'tiny', job: 'j' }),
    'adapters.import': () =>
      workbench.adapters.import({ directory: world.path('tiny'), modelId: 'tiny', job: 'j' }),
  }[method]!;
  const reading: Promise<unknown> = work();
  const ended = expect(reading).rejects.toThrow('reading it was stopped');
  await expect(work()).rejects.toThrow('job: something named "j" goes on already');
  const told = world.events.filter(({ name }) => name === 'reading.progress');
  expect(told.map(({ payload }) => payload)).toMatchObject([{ job: 'j', done: 5, total: 10 }]);
  workbench.readings.stop({ job: 'j' });
  await ended;
  expect(workbench.readings.stop({ job: 'j' })).toEqual({});
  await workbench.close();
});
