import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRow } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openStore } from '../../main/store/store.ts';
import { createExperiment, createWorld, summary } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let all: RunRow[];
const loss = 'validation/loss';

/** Studies with losses, some of them missing, and tags of which a run may have two. */
beforeAll(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  const store = openStore(world.path('data'));
  for (let number = 0; number < 10; number++) {
    const { runs } = await createExperiment(workbench, { name: `study ${number % 4}`, seed: number });
    runs.forEach(({ id }, index) => {
      if ((number + index) % 4 !== 0)
        store.runs.update(id, { summary: summary({ [loss]: 1 + ((7 * number + 3 * index) % 10) / 10 }) });
      if (number % 2 === index) store.runWords.addTag(id, 'best');
      if (number % 3 === 0) store.runWords.addTag(id, 'kept');
      store.metrics.insert(
        id,
        Array.from({ length: index === 0 ? 300 : 1 }, (_, step) => ({
          step: step + 1,
          name: 'train/loss',
          value: 5 - step / 100,
        })),
      );
    });
  }
  store.close();
  all = workbench.runs.list({ columns: [loss, 'seed', 'adapter.rank'] }).items;
});
afterAll(async () => {
  await workbench.close();
  world.remove();
});

const numbers = (rows: readonly RunRow[]): number[] =>
  rows.map(({ values }) => values[loss]).filter((value) => typeof value === 'number');
const groups = (asked: {
  group: string;
  measured?: string;
  sort?: { column: string; descending: boolean };
}) =>
  workbench.runs.groups({ filter: '', archived: 'shown', measured: loss, offset: 0, limit: 1000, ...asked });

describe('groups of runs', () => {
  const keys: Record<string, (row: RunRow) => (string | number | null)[]> = {
    experiment: ({ experimentName }) => [experimentName],
    method: ({ method }) => [method],
    status: ({ status }) => [status],
    tag: ({ tags }) => (tags.length === 0 ? [null] : tags),
    seed: ({ values }) => [values['seed'] as number],
    'adapter.rank': ({ values }) => [values['adapter.rank'] as number | null],
  };
  const orders = [undefined, false, true] as const;
  const cases = Object.keys(keys).flatMap((group) => orders.map((descending) => ({ group, descending })));

  test.each(cases)('by $group, descending: $descending, are those of a loop over all runs', (one) => {
    const { group, descending } = one;
    const sort = descending === undefined ? {} : { sort: { column: loss, descending } };
    const { items, total } = groups({ group, ...sort });
    const expected = new Map<string | number | null, RunRow[]>();
    for (const row of all)
      for (const key of keys[group]!(row)) expected.set(key, [...(expected.get(key) ?? []), row]);
    expect(total).toBe(expected.size);
    expect(new Set(items.map(({ value }) => value))).toEqual(new Set(expected.keys()));
    for (const { value, runs, lowest, highest, mean } of items) {
      const rows = expected.get(value)!;
      const measured = numbers(rows);
      expect(runs).toBe(rows.length);
      expect(lowest).toBe(measured.length === 0 ? null : Math.min(...measured));
      expect(highest).toBe(measured.length === 0 ? null : Math.max(...measured));
      if (measured.length > 0)
        expect(mean).toBeCloseTo(measured.reduce((sum, each) => sum + each, 0) / measured.length, 12);
    }
    const best = items.map(({ lowest, highest }) => (descending === true ? highest : lowest));
    const known = best.filter((value) => value !== null);
    if (descending !== undefined) {
      expect(known).toEqual(known.toSorted((a, b) => (descending ? b - a : a - b)));
      expect(best.slice(0, known.length)).toEqual(known);
    }

    // The list has the groups' runs one after the other, as many as the groups say.
    const listed = workbench.runs.list({
      group,
      ...sort,
      columns: [loss, 'seed', 'adapter.rank'],
      limit: 200,
    });
    expect(listed.total).toBe(items.reduce((sum, { runs }) => sum + runs, 0));
    let start = 0;
    for (const { value, runs } of items) {
      const part = listed.items.slice(start, start + runs);
      expect(part.every((row) => keys[group]!(row).includes(value))).toBe(true);
      if (descending !== undefined)
        expect(numbers(part)).toEqual(numbers(part).toSorted((a, b) => (descending ? b - a : a - b)));
      start += runs;
    }
  });

  test('come in parts, as do ids, in the order of the list', () => {
    const whole = groups({ group: 'experiment' }).items;
    const parts = [0, 2].flatMap(
      (offset) =>
        workbench.runs.groups({
          filter: '',
          archived: 'shown',
          group: 'experiment',
          measured: loss,
          offset,
          limit: 2,
        }).items,
    );
    expect(parts).toEqual(whole);
    const asked = { group: 'tag', sort: { column: loss, descending: true } };
    const listed = workbench.runs.list({ ...asked, limit: 200 }).items.map(({ id }) => id);
    expect(workbench.runs.ids(asked).ids).toEqual(listed);
    expect(workbench.runs.ids({ ...asked, offset: 3, limit: 5 }).ids).toEqual(listed.slice(3, 8));
  });

  test('are by a column that there is, and measured in numbers', () => {
    expect(() => groups({ group: 'colour' })).toThrow('group: there is no column "colour"');
    expect(() =>
      workbench.runs.groups({
        filter: '',
        archived: 'shown',
        group: 'method',
        measured: 'name',
        offset: 0,
        limit: 1,
      }),
    ).toThrow('measured: "name" is no column with numbers');
  });

  test('measure nothing in settings that are words', () => {
    for (const group of groups({ group: 'method', measured: 'training.schedule' }).items)
      expect(group).toMatchObject({ lowest: null, highest: null, mean: null });
    for (const group of groups({ group: 'method', measured: 'training.learningRate' }).items)
      expect(group.mean).toBeGreaterThan(0);
  });
});

describe('columns of the listed runs', () => {
  const differing = (asked: Parameters<typeof workbench.runs.columns>[0]): string[] =>
    workbench.runs
      .columns(asked)
      .filter(({ kind, differs }) => differs && kind !== 'metric')
      .map(({ name }) => name);

  test('are facts, settings and metrics', () => {
    const names = workbench.runs.columns().map(({ name }) => name);
    for (const name of ['experiment', 'seed', 'adapter.rank', 'training.batchSize', loss])
      expect(names).toContain(name);
    for (const name of names.filter((one) => one !== 'tag'))
      expect(() => workbench.runs.list({ columns: [name], limit: 1 }), name).not.toThrow();
  });

  test('differ where two of these runs do, whatever a page of them shows', () => {
    const lora = differing({ filter: 'method = lora' });
    expect(lora).toContain('seed');
    expect(lora).not.toContain('method');
    expect(lora.filter((name) => name.startsWith('adapter.'))).toEqual([]);
    const both = differing({});
    expect(both).toContain('method');
    // LoRA has a rank and NoRA has not: that is a difference, too.
    expect(both).toContain('adapter.rank');
    expect(both).toContain('adapter.outerRank');
    expect(differing({ ids: [all[0]!.id] })).toEqual([]);
  });
});

describe('tags of runs', () => {
  test('are counted, and what changed of them is told', () => {
    const [one, other] = all.filter(({ tags }) => !tags.includes('best'));
    const ids = [one!.id, other!.id];
    workbench.runs.tag({ ids: [one!.id], add: ['new'], remove: [] });
    const changed = workbench.runs.tag({ ids, add: ['new'], remove: ['best'] });
    expect(changed).toEqual({ ids, added: [{ tag: 'new', ids: [other!.id] }], removed: [] });
    expect(workbench.runs.tags({ ids })).toContainEqual({ tag: 'new', runs: 2 });
    expect(workbench.runs.tag({ ids, add: [], remove: ['new'] }).removed).toEqual([{ tag: 'new', ids }]);
    expect(workbench.runs.tags({}).map(({ tag }) => tag)).toEqual(['best', 'kept']);
  });

  test('archiving tells which runs were not archived before', () => {
    const ids = all.slice(0, 2).map(({ id }) => id);
    workbench.runs.archive({ ids: [ids[0]!], archived: true });
    expect(workbench.runs.archive({ ids, archived: true }).ids).toEqual([ids[1]]);
    expect(workbench.runs.archive({ ids, archived: false }).ids).toEqual(ids);
  });
});

test('sparklines are of the runs with a course, in no more points than asked for', async () => {
  const found = await workbench.runs.sparklines({ ids: all.map(({ id }) => id), points: 40 });
  expect(found.map(({ runId }) => runId).toSorted()).toEqual(
    all
      .filter(({ place }) => place === 0)
      .map(({ id }) => id)
      .toSorted(),
  );
  for (const { metric, values, first, last } of found) {
    expect(metric).toBe('train/loss');
    expect(values.length).toBeLessThanOrEqual(40);
    expect(values.length).toBeGreaterThan(20);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect([first, last]).toEqual([5, 5 - 299 / 100]);
  }
});
