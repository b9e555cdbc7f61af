import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Experiment } from '../../main/services/shared/entities.ts';
import type { Removal } from '../../main/services/removals/removals-schema.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { openStore } from '../../main/store/store.ts';
import { createExperiment, createWorld, definition } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let one: Experiment;
let other: Experiment;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open({ undoMilliseconds: 60_000 });
  await world.stock(workbench);
  one = withResults(await createExperiment(workbench, { name: 'one' }));
  other = withResults(await createExperiment(workbench, { name: 'other' }));
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const fileOf = (runId: string): string => world.path('data', 'runs', runId, 'adapter', 'weights');
/** Each of its runs has an adapter, a tag and a metric, and a file on the disk. */
const withResults = (experiment: Experiment): Experiment => {
  const store = openStore(world.path('data'));
  for (const { id } of experiment.runs) {
    mkdirSync(dirname(fileOf(id)), { recursive: true });
    writeFileSync(fileOf(id), 'weights');
    store.runs.update(id, { status: 'cancelled' });
    store.runWords.addTag(id, 'kept');
    store.metrics.insert(id, [{ step: 1, name: 'train/loss', value: 1 }]);
    store.adapters.insert({
      id: `${id}-adapter`,
      runId: id,
      name: 'x',
      method: 'lora',
      directory: dirname(fileOf(id)),
      trainedParameters: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
    });
  }
  store.close();
  return experiment;
};
const seen = () => ({
  experiments: workbench.experiments.list().items,
  runs: workbench.runs.list({}).items,
  adapters: workbench.adapters.list({}).items,
  tags: workbench.runs.tags({}),
});
/** Opens the library when the removals until then are over, and waits until they are completed. */
const endOf = async (until: string): Promise<void> => {
  await workbench.close();
  vi.useFakeTimers({ now: Date.parse(until), toFake: ['Date'] });
  try {
    workbench = world.open();
    const isPending = (removal: Removal) => removal.until <= until;
    await vi.waitFor(() => expect(workbench.removals.list().filter(isPending)).toEqual([]));
  } finally {
    vi.useRealTimers();
  }
};
const begin = (asked: { experimentIds?: string[]; runIds?: string[] }) =>
  workbench.removals.begin({ experimentIds: [], runIds: [], ...asked });

test('an experiment is out of every list at once, and all of it comes back', () => {
  const before = seen();
  const removal = begin({ experimentIds: [one.id] });
  expect(removal).toMatchObject({ experiments: 1, runs: 2 });
  expect(workbench.experiments.list().items.map(({ id }) => id)).toEqual([other.id]);
  expect(workbench.runs.list({}).total).toBe(2);
  expect(workbench.adapters.list({}).total).toBe(2);
  expect(workbench.runs.tags({})).toEqual([{ tag: 'kept', runs: 2 }]);
  expect(() => workbench.experiments.show({ id: one.id })).toThrow('there is no experiment');
  expect(() => workbench.experiments.show({ id: 'one' })).toThrow('there is no experiment');
  expect(() => workbench.runs.show({ id: one.runs[0]!.id })).toThrow('there is no run');
  expect(() => workbench.adapters.show({ id: `${one.runs[0]!.id}-adapter` })).toThrow();
  expect(world.events).toContainEqual({
    name: 'experiments.changed',
    payload: { changed: [], removed: [one.id] },
  });

  workbench.removals.undo({ id: removal.id });
  expect(seen()).toEqual(before);
  for (const { id } of one.runs) expect(existsSync(fileOf(id))).toBe(true);
  expect(workbench.runs.metrics({ id: one.runs[0]!.id })).toHaveLength(1);
  expect(() => workbench.removals.undo({ id: removal.id })).toThrow('can no longer be brought back');
});

test('a run goes alone; an experiment goes with its last', () => {
  const [first, second] = one.runs;
  const alone = begin({ runIds: [first!.id] });
  expect(alone).toMatchObject({ experiments: 0, runs: 1 });
  expect(workbench.experiments.show({ id: one.id }).runs.map(({ id }) => id)).toEqual([second!.id]);
  expect(world.events.at(-1)).toMatchObject({
    name: 'experiments.changed',
    payload: { changed: [{ id: one.id, statuses: { cancelled: 1 } }], removed: [] },
  });
  expect(workbench.runs.list({}).items.find(({ id }) => id === second!.id)?.place).toBe(0);

  const last = begin({ runIds: [second!.id] });
  expect(last).toMatchObject({ experiments: 1, runs: 1 });
  workbench.removals.undo({ id: last.id });
  expect(workbench.experiments.show({ id: one.id }).runs).toHaveLength(1);
  workbench.removals.undo({ id: alone.id });
  expect(workbench.experiments.show({ id: one.id }).runs).toHaveLength(2);
});

/** An experiment of three runs, the first of which is removed. */
const withoutFirst = async () => {
  const { configurations } = definition();
  const third = { ...configurations[0]!, name: 'third' };
  const three = await createExperiment(workbench, {
    name: 'three',
    configurations: [...configurations, third],
  });
  const experiment = withResults(three);
  const [first, ...others] = experiment.runs.map((run) => run.id);
  return { experiment, first: first!, others, alone: begin({ runIds: [first!] }) };
};
const listed = (experimentId: string) => ({
  experiments: workbench.experiments
    .list()
    .items.filter(({ id }) => id === experimentId)
    .map(({ statuses }) => statuses),
  runs: workbench.runs
    .list({})
    .items.filter((run) => run.experimentId === experimentId)
    .map(({ id }) => id)
    .toSorted(),
});

test.each(['its other runs', 'the experiment'])(
  'a run that comes back brings its experiment, though %s went after it',
  async (what) => {
    const { experiment, first, others, alone } = await withoutFirst();
    const asked = what === 'the experiment' ? { experimentIds: [experiment.id] } : { runIds: others };
    const rest = begin(asked);
    expect(rest).toMatchObject({ experiments: 1, runs: 2 });

    workbench.removals.undo({ id: alone.id });
    const back = { experiments: [{ cancelled: 1 }], runs: [first] };
    expect(listed(experiment.id)).toEqual(back);
    expect(world.events.at(-1)).toMatchObject({
      name: 'experiments.changed',
      payload: { changed: [{ id: experiment.id, statuses: { cancelled: 1 } }], removed: [] },
    });
    expect(workbench.removals.list()).toEqual([{ ...rest, experiments: 0 }]);
    workbench.removals.undo({ id: rest.id });
    expect(listed(experiment.id)).toEqual({
      experiments: [{ cancelled: 3 }],
      runs: [first, ...others].toSorted(),
    });

    const again = begin({ runIds: [first] });
    const over = begin(asked);
    workbench.removals.undo({ id: again.id });
    await endOf(over.until);
    expect(listed(experiment.id)).toEqual(back);
    expect(workbench.experiments.show({ id: experiment.id }).runs.map(({ id }) => id)).toEqual([first]);
    expect(existsSync(fileOf(first))).toBe(true);
    for (const id of others) expect(existsSync(fileOf(id))).toBe(false);
  },
);

test('a removal that ends before an earlier one of the same experiment takes no run of that', async () => {
  const { experiment, first, others, alone } = await withoutFirst();
  await workbench.close();
  workbench = world.open({ undoMilliseconds: 1000 });
  const rest = begin({ runIds: others });
  await endOf(rest.until);
  expect(listed(experiment.id)).toEqual({ experiments: [], runs: [] });
  for (const id of others) expect(existsSync(fileOf(id))).toBe(false);
  expect(workbench.removals.list()).toEqual([{ ...alone, experiments: 1 }]);
  workbench.removals.undo({ id: alone.id });
  expect(listed(experiment.id)).toEqual({ experiments: [{ cancelled: 1 }], runs: [first] });
  expect(existsSync(fileOf(first))).toBe(true);
});

test('a removal that ends takes no experiment of which a run is listed', async () => {
  const { experiment, first, others } = await withoutFirst();
  const rest = begin({ runIds: others });
  // As undoing the first removal once left it.
  const database = openDatabase(world.path('data'));
  database.prepare('UPDATE runs SET removal = NULL WHERE id = ?').run(first);
  database.close();
  await endOf(rest.until);
  expect(listed(experiment.id)).toEqual({ experiments: [{ cancelled: 1 }], runs: [first] });
  expect(existsSync(fileOf(first))).toBe(true);
});

test('an experiment that goes for good takes the runs along that could still be brought back', async () => {
  const { experiment, first, others, alone } = await withoutFirst();
  const shared = begin({ runIds: [others[0]!, one.runs[0]!.id] });
  workbench.experiments.remove({ id: experiment.id });
  for (const id of [first, ...others]) expect(existsSync(fileOf(id))).toBe(false);
  expect(workbench.removals.list()).toEqual([{ ...shared, runs: 1 }]);
  expect(() => workbench.removals.undo({ id: alone.id })).toThrow('can no longer be brought back');
  workbench.removals.undo({ id: shared.id });
  expect(workbench.experiments.show({ id: one.id }).runs).toHaveLength(2);
});

test('a removed run has no sparkline until it comes back', async () => {
  const { id } = one.runs[0]!;
  const store = openStore(world.path('data'));
  store.metrics.insert(id, [{ step: 2, name: 'train/loss', value: 0.5 }]);
  store.close();
  const sparklines = async () =>
    (await workbench.runs.sparklines({ ids: [id], points: 10 })).map(({ runId }) => runId);
  expect(await sparklines()).toEqual([id]);
  const removal = begin({ runIds: [id] });
  expect(await sparklines()).toEqual([]);
  workbench.removals.undo({ id: removal.id });
  expect(await sparklines()).toEqual([id]);
});

test('files go when the time is over, and nothing else of the library', async () => {
  await workbench.close();
  workbench = world.open({ undoMilliseconds: 30 });
  const { id } = begin({ experimentIds: [one.id], runIds: [other.runs[0]!.id] });
  await vi.waitFor(() => expect(workbench.removals.list()).toEqual([]));
  for (const run of [...one.runs, other.runs[0]!]) expect(existsSync(fileOf(run.id))).toBe(false);
  expect(existsSync(fileOf(other.runs[1]!.id))).toBe(true);
  expect(workbench.runs.list({}).items.map((row) => row.id)).toEqual([other.runs[1]!.id]);
  expect(() => workbench.removals.undo({ id })).toThrow('can no longer be brought back');
});

test('what is not over when the workbench ends is brought back by the next, or completed by it', async () => {
  const kept = begin({ experimentIds: [one.id] });
  const gone = begin({ experimentIds: [other.id] });
  await workbench.close();
  const store = openStore(world.path('data'));
  // As if it had ended while files were being removed, one of them gone already.
  store.removals.beginCompleting(gone.id);
  store.close();
  workbench = world.open();
  expect(() => workbench.removals.undo({ id: gone.id })).toThrow('can no longer be brought back');
  workbench.removals.undo({ id: kept.id });
  expect(workbench.experiments.list().items.map(({ id }) => id)).toEqual([one.id]);
  await endOf(gone.until);
  expect(workbench.removals.list()).toEqual([]);
  for (const { id } of other.runs) expect(existsSync(fileOf(id))).toBe(false);
  for (const { id } of one.runs) expect(existsSync(fileOf(id))).toBe(true);
});

test('files of what can come back are no leftovers, and its model and data stay', async () => {
  begin({ experimentIds: [one.id, other.id] });
  const { parts } = await workbench.storage.show();
  expect(parts.find(({ name }) => name === 'leftovers')?.files).toBe(0);
  expect(() => workbench.models.remove({ id: 'tiny' })).toThrow(
    'is used by the experiment "one", which was removed a moment ago and can still be brought back',
  );
  expect(() => workbench.datasets.remove({ id: 'sea' })).toThrow('can still be brought back');
});

test('nothing goes of what is refused', () => {
  const before = seen();
  expect(() => begin({ runIds: [one.runs[0]!.id, 'nobody'] })).toThrow('there is no run "nobody"');
  const store = openStore(world.path('data'));
  store.runs.update(other.runs[0]!.id, { status: 'queued' });
  store.close();
  expect(() => begin({ experimentIds: [one.id, other.id] })).toThrow(/of "other" is queued; cancel it first/);
  expect(() => begin({ runIds: [other.runs[0]!.id] })).toThrow('is queued; cancel it first');
  expect(workbench.removals.list()).toEqual([]);
  expect(seen().adapters).toEqual(before.adapters);
});
