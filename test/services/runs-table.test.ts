import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRow } from '../../main/services/shared/entities.ts';
import { parseRunFilter } from '../../main/services/runs/run-filter.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openStore } from '../../main/store/store.ts';
import { createExperiment, createWorld, summary } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let all: RunRow[];
const loss = 'validation/loss';

/** Runs of which some have a loss, tags, or are put away, each in its own way. */
beforeAll(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  const store = openStore(world.path('data'));
  for (let number = 0; number < 12; number++) {
    const { runs } = await createExperiment(workbench, { name: `study ${number % 3}`, seed: number });
    runs.forEach(({ id }, index) => {
      if ((number + index) % 3 !== 0)
        store.runs.update(id, { summary: summary({ [loss]: 1 + ((7 * number + index) % 10) / 10 }) });
      if (number % 4 === index) store.runWords.addTag(id, 'best');
      if (number % 5 === 0) store.runWords.setNote(id, `a note on ${number}, 100 % sure`);
      if (number === 11) store.runWords.setArchived(id, '2026-01-01T00:00:00.000Z');
    });
  }
  store.close();
  all = workbench.runs.list({ columns: [loss, 'seed', 'adapter.rank', 'training.learningRate'] }).items;
});
afterAll(async () => {
  await workbench.close();
  world.remove();
});

const named = (rows: readonly RunRow[]): string[] => rows.map(({ id }) => id);
const filtered = (filter: string): string[] => named(workbench.runs.list({ filter }).items);
const number = (row: RunRow, column: string): number | null => row.values[column] as number | null;

describe('a filter', () => {
  const cases: [string, (row: RunRow) => boolean][] = [
    ['', () => true],
    ['method = nora', ({ method }) => method === 'nora'],
    ['method = NORA', ({ method }) => method === 'nora'],
    ['method != nora', ({ method }) => method !== 'nora'],
    [`${loss} < 1.5`, (row) => number(row, loss) !== null && number(row, loss)! < 1.5],
    [`not ${loss} < 1.5`, (row) => !(number(row, loss) !== null && number(row, loss)! < 1.5)],
    [`${loss} != 1.5`, (row) => number(row, loss) !== 1.5],
    ['tag = best', ({ tags }) => tags.includes('best')],
    ['tag != best', ({ tags }) => !tags.includes('best')],
    ['tag ~ es', ({ tags }) => tags.includes('best')],
    ["note ~ '100 %'", ({ note }) => note.includes('100 %')],
    ['note ~ "1%"', ({ note }) => note.includes('1%')],
    ['seed >= 3 and seed <= 7', (row) => number(row, 'seed')! >= 3 && number(row, 'seed')! <= 7],
    ['adapter.rank = 4', (row) => number(row, 'adapter.rank') === 4],
    ['training.learningRate > 0.001', (row) => number(row, 'training.learningRate')! > 0.001],
    [
      'method = nora and (seed < 2 or seed > 9) or tag = best and not method = nora',
      (row) =>
        (row.method === 'nora' && (number(row, 'seed')! < 2 || number(row, 'seed')! > 9)) ||
        (row.tags.includes('best') && row.method !== 'nora'),
    ],
    [`experiment = "study 1" AND status = created`, ({ experimentName }) => experimentName === 'study 1'],
    ['created > 2000', () => true],
    ['created > 2999', () => false],
  ];
  test.each(cases)('%j lets through what a loop over all runs does', (filter, fits) => {
    expect(filtered(filter)).toEqual(named(all.filter(fits)));
  });

  test.each([
    ['methd = nora', 'filter, at 1: there is no column "methd"; there are name, experiment'],
    ['method = nora and', 'filter, at 18: expected the name of a column, not the end'],
    ['method nora', 'filter, at 8: expected one of = != < <= > >= ~ after "method", not "nora"'],
    ['method =', 'filter, at 9: expected a value after "=", not the end'],
    ['(method = nora', 'filter, at 15: expected ")" for the "(" at 1, not the end'],
    ['method = nora seed = 1', 'filter, at 15: expected "and", "or" or the end, not "seed"'],
    ['seed = many', 'filter, at 8: "seed" is a number, and "many" is none'],
    ['tag < best', 'filter, at 5: tags are compared by = != or ~, not by <'],
    ["note = 'open", 'filter, at 8: a text that begins here has no closing quote'],
    ['note ! x', 'filter, at 6: "!" means nothing here'],
    [`${'('.repeat(60)}seed = 1`, 'filter, at 51: more than 50 parts within each other'],
  ])('%j is refused, and where is said', (filter, message) => {
    expect(() => parseRunFilter(filter)).toThrow(message);
    expect(() => workbench.runs.list({ filter })).toThrow(message);
  });

  test('cannot reach beyond what it compares', () => {
    expect(filtered(`note = "x' OR 1 = 1 --"`)).toEqual([]);
    expect(() => filtered("adapter.rank') = 1")).toThrow('filter, at 13');
  });
});

describe('the table', () => {
  test.each([false, true])('is sorted, what has no value last; descending: %s', (descending) => {
    const { items } = workbench.runs.list({ sort: { column: loss, descending } });
    const withLoss = all.filter((row) => number(row, loss) !== null);
    const expected = withLoss.toSorted(
      (a, b) => (number(a, loss)! - number(b, loss)!) * (descending ? -1 : 1),
    );
    expect(named(items)).toEqual(named([...expected, ...all.filter((row) => number(row, loss) === null)]));
  });

  test('comes in parts that make up the whole', () => {
    const parts = [0, 7, 14, 21].flatMap((offset) => workbench.runs.list({ offset, limit: 7 }).items);
    expect(named(parts)).toEqual(named(all));
  });

  test('shows runs that are put away as asked', () => {
    const away = named(all.filter(({ isArchived }) => isArchived));
    expect(away).toHaveLength(2);
    expect(named(workbench.runs.list({ archived: 'only' }).items)).toEqual(away);
    expect(named(workbench.runs.list({ archived: 'hidden' }).items)).toEqual(
      named(all.filter(({ isArchived }) => !isArchived)),
    );
    expect(named(workbench.runs.list({ ids: away }).items)).toEqual(away);
  });

  test('has no column that is not there', () => {
    expect(() => workbench.runs.list({ columns: ['colour'] })).toThrow(
      'columns: there is no column "colour"',
    );
    expect(() => workbench.runs.list({ sort: { column: 'tag', descending: false } })).toThrow(
      'sort: there is no column "tag" with one value a run',
    );
  });
});

describe('what people say of a run', () => {
  test('is kept, told, and can be taken back', () => {
    const [one, other] = all.slice(4);
    const ids = [one!.id, other!.id];
    workbench.runs.tag({ ids, add: ['kept', 'b'], remove: [] });
    expect(world.events.at(-1)).toEqual({ name: 'runs.marked', payload: { ids } });
    workbench.runs.tag({ ids: [one!.id], add: ['kept'], remove: ['b'] });
    expect(filtered('tag = kept').toSorted()).toEqual(ids.toSorted());
    expect(filtered('tag = b')).toEqual([other!.id]);
    workbench.runs.tag({ ids, add: [], remove: ['kept', 'b'] });
    workbench.runs.archive({ ids, archived: true });
    expect(workbench.runs.list({ archived: 'hidden' }).total).toBe(all.length - 4);
    workbench.runs.archive({ ids, archived: false });
    workbench.runs.note({ id: one!.id, note: 'look again' });
    expect(filtered('note = "look again"')).toEqual([one!.id]);
    workbench.runs.note({ id: one!.id, note: one!.note });
    expect(workbench.runs.list({ columns: Object.keys(one!.values) }).items).toEqual(all);
  });

  test('a new name is the configuration’s, too, and no other’s of the experiment', () => {
    const [one, other] = all.slice(4);
    expect(() => workbench.runs.rename({ id: one!.id, name: other!.name })).toThrow(
      `name: another run of its experiment is called "${other!.name}" already`,
    );
    workbench.runs.rename({ id: one!.id, name: 'renamed' });
    expect(workbench.runs.show({ id: one!.id }).configuration.name).toBe('renamed');
    workbench.runs.rename({ id: one!.id, name: one!.name });
  });

  test('is said of all or of none', () => {
    expect(() => workbench.runs.tag({ ids: [all[0]!.id, 'nobody'], add: ['half'], remove: [] })).toThrow(
      'there is no run "nobody"',
    );
    expect(filtered('tag = half')).toEqual([]);
  });
});
