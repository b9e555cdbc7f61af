import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectedSchema } from '../../main/store/expected-schema.ts';
import {
  adaptExperiment,
  addExperiment,
  leftBehind,
  tablesOfAnExperiment,
  takeExperiment,
} from '../../main/store/experiment-copy.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { contentsOf, writeEarlierLibrary } from './earlier-rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-experiment-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const contents = (file: string): ReturnType<typeof contentsOf> => {
  const database = new Sqlite(file, { readonly: true });
  try {
    return contentsOf(database);
  } finally {
    database.close();
  }
};

test('every table goes along with an experiment, or is known to stay behind', async () => {
  const all = (await expectedSchema()).objects.filter(({ type }) => type === 'table');
  expect(all.map(({ name }) => name).sort()).toEqual(
    [...tablesOfAnExperiment, ...Object.keys(leftBehind)].sort(),
  );
});

test('an experiment goes from one library to another with all its rows, and into other hands there', async () => {
  const [from, file] = [join(directory, 'workbench.sqlite'), join(directory, 'one.sqlite')];
  writeEarlierLibrary(from, migrations.length);
  await takeExperiment(from, 'e1', file);
  const [all, one] = [contents(from), contents(file)];
  for (const table of tablesOfAnExperiment) {
    const own = all[table]!.filter((row) => !JSON.stringify(row).includes('2"'));
    expect(one[table], table).toEqual(
      ['models', 'datasets'].includes(table) ? [all[table]![0]] : own.slice(0, one[table]!.length),
    );
    expect(one[table]!.length, table).toBeGreaterThan(0);
  }
  for (const table of Object.keys(leftBehind)) if (table !== 'queue') expect(one[table], table).toEqual([]);

  const there = join(directory, 'there');
  const other = openDatabase(there);
  const { models, datasets } = all;
  for (const [table, row] of [
    ['models', models![0]!],
    ['datasets', datasets![0]!],
  ] as const) {
    const named = { ...row, id: `other-${table}`, name: 'as it is called there' };
    const columns = Object.keys(named);
    other
      .prepare(
        `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map((name) => `@${name}`).join()})`,
      )
      .run(named);
  }
  other.close();
  await adaptExperiment(file, () => ({
    model: { id: 'other-models', name: 'as it is called there' },
    dataset: { id: 'other-datasets', name: 'as it is called there' },
  }));
  await addExperiment(join(there, 'workbench.sqlite'), 'e1', file);
  const added = contents(join(there, 'workbench.sqlite'));
  expect(added['experiments']).toMatchObject([
    { id: 'e1', model_id: 'other-models', dataset_id: 'other-datasets' },
  ]);
  expect(JSON.parse(added['experiments']![0]!['definition'] as string)).toMatchObject({
    seed: 7,
    model: 'as it is called there',
  });
  expect(added['metrics']).toEqual(all['metrics']);
  expect(added['adapters']).toEqual(all['adapters']);

  // A second time: nothing of it.
  await expect(addExperiment(join(there, 'workbench.sqlite'), 'e1', file)).rejects.toThrow('UNIQUE');
  expect(contents(join(there, 'workbench.sqlite'))).toEqual(added);
});

test('a run that waits in one queue does not wait in another', async () => {
  const [from, file] = [join(directory, 'workbench.sqlite'), join(directory, 'one.sqlite')];
  writeEarlierLibrary(from, migrations.length);
  await takeExperiment(from, 'e2', file);
  expect(contents(file)['runs']).toMatchObject([{ id: 'r2', status: 'created', queue_position: null }]);
});
