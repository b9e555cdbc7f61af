import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Workbench } from '../../main/services/workbench.ts';
import { experimentDefinitionSchema } from '../../main/services/shared/experiment-definition.ts';
import { openStore } from '../../main/store/store.ts';
import { createExperiment, createWorld, endCompleted, runsOf } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

/** Goes through a whole list, so many at a time. */
const throughPages = <Item>(
  page: (cursor: string | undefined) => { items: Item[]; total: number; next: string | null },
): Item[] => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items: more, next } = page(cursor);
    items.push(...more);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return items;
};

describe('pages of experiments', () => {
  const names = ['sea', 'whale', 'oar', 'ship', 'sail', 'mast', '100 %', 'a_b'];
  beforeEach(() => names.forEach(async (name) => await createExperiment(workbench, { name })));

  test.each([1, 2, 3, 7, 8, 200])('are all of them, each once, %i at a time', (limit) => {
    const whole = workbench.experiments.list().items;
    expect(whole.map(({ name }) => name)).toEqual(names.toReversed());
    expect(throughPages((cursor) => workbench.experiments.list({ cursor, limit }))).toEqual(whole);
  });

  test('are sorted as asked', () => {
    const named = (sort: 'newest' | 'oldest' | 'name'): string[] =>
      throughPages((cursor) => workbench.experiments.list({ cursor, limit: 3, sort })).map(
        ({ name }) => name,
      );
    expect(named('oldest')).toEqual(names);
    expect(named('name')).toEqual(names.toSorted());
  });

  test('neither repeat nor lose one when others come and go between them', async () => {
    const first = workbench.experiments.list({ limit: 3 });
    await createExperiment(workbench, { name: 'new' });
    workbench.experiments.remove({ id: first.items[0]!.id });
    const rest = throughPages((cursor) =>
      workbench.experiments.list({ cursor: cursor ?? first.next!, limit: 3 }),
    );
    expect([...first.items, ...rest].map(({ name }) => name)).toEqual(names.toReversed());
  });

  test('hold what is searched for, whatever is in it', () => {
    const found = (search: string): string[] =>
      workbench.experiments.list({ search }).items.map(({ name }) => name);
    expect(found('sai')).toEqual(['sail']);
    expect(found('%')).toEqual(['100 %']);
    expect(found('_')).toEqual(['a_b']);
    expect(found('tiny')).toHaveLength(names.length); // the model of all
    expect(workbench.experiments.list({ search: 'a', limit: 1 }).total).toBe(found('a').length);
  });

  test('a cursor that no list has given is refused by name', () => {
    for (const cursor of ['nonsense', 'WzEsMl0', ''])
      expect(() => workbench.experiments.list({ cursor })).toThrow('cursor: is none that a list has given');
  });
});

test('a summary counts the runs as they stand, and tells of each change', async () => {
  const experiment = await createExperiment(workbench);
  const [first] = runsOf(workbench, experiment);
  workbench.runs.start({ id: first.id });
  const [listed] = workbench.experiments.list().items;
  expect(listed).toMatchObject({ statuses: { running: 1, created: 1 }, bestLoss: null });
  endCompleted(await world.trainers.nth(0), { 'validation/loss': 1.5 });
  await workbench.waitForRun(first.id);
  expect(workbench.experiments.list().items).toMatchObject([
    { statuses: { completed: 1, created: 1 }, bestLoss: 1.5 },
  ]);
  const told = world.events.filter(({ name }) => name === 'experiments.changed').at(-1);
  expect(told?.payload).toEqual({ changed: workbench.experiments.list().items, removed: [] });
  const adapters = world.events.filter(({ name }) => name === 'adapters.changed');
  expect(adapters.map(({ payload }) => payload)).toEqual([
    { changed: workbench.adapters.list().items, removed: [] },
  ]);
  expect(workbench.adapters.list().items).toMatchObject([{ experimentName: 'first try', modelName: 'tiny' }]);

  const [adapter] = workbench.adapters.list().items;
  workbench.experiments.remove({ id: experiment.id });
  const gone = world.events.findLast(({ name }) => name === 'adapters.changed');
  expect(gone?.payload).toEqual({ changed: [], removed: [adapter!.id] });
});

describe('a library of 2,000 runs', () => {
  test('has no list that is over 200 kB', async () => {
    const store = openStore(world.path('data'));
    const [model] = store.models.list();
    const [dataset] = store.datasets.list();
    store.transaction(() => {
      for (let number = 0; number < 200; number++) {
        const id = `e${number}`;
        const named = 'a name as long as people who tell all in it would give to one '.repeat(3).trim();
        const definition = experimentDefinitionSchema.parse({
          version: 1,
          name: `${named} ${number}`.slice(-200),
          model: 'tiny',
          dataset: 'sea',
          configurations: [{ name: 'it', adapter: { method: 'lora' } }],
        });
        store.experiments.insert({
          id,
          name: definition.name,
          definition,
          modelId: model!.id,
          datasetId: dataset!.id,
          createdAt: `2026-01-01T00:00:${number}`,
        });
        for (let position = 0; position < 10; position++) {
          const configurationId = `${id}c${position}`;
          store.experiments.insertConfiguration({
            id: configurationId,
            experimentId: id,
            position,
            settings: definition.configurations[0],
          });
          const runId = `${id}r${position}`;
          store.runs.insert({
            id: runId,
            configurationId,
            status: 'completed',
            step: 10,
            steps: 10,
            error: null,
            notices: [],
            modelIdentity: null,
            origin: null,
            device: null,
            createdAt: '2026-01-01T00:00:00',
            startedAt: null,
            endedAt: null,
          });
          store.adapters.insert({
            id: `${runId}a`,
            runId,
            name: `${named} ${position}`.slice(-200),
            method: 'lora',
            directory: world.path('data', 'runs', runId, 'adapter'),
            trainedParameters: 1,
            createdAt: `2026-01-01T00:00:${number}`,
          });
        }
      }
    });
    store.close();
    const kilobytes = (answer: unknown): number => JSON.stringify(answer).length / 1000;
    const all = { limit: 200 };
    expect(kilobytes(workbench.experiments.list(all))).toBeLessThan(200);
    expect(kilobytes(workbench.runs.list(all))).toBeLessThan(200);
    expect(kilobytes(workbench.adapters.list())).toBeLessThan(200);
    expect(workbench.runs.list(all).total).toBe(2000);
    expect(workbench.adapters.list().total).toBe(2000);
  });
});
