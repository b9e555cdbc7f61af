import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyLibrary } from '../../main/store/library-copies.ts';
import { migrateWithCopy } from '../../main/store/migrate.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { createStore } from '../../main/store/store.ts';
import { contentsOf, writeEarlierLibrary } from './earlier-rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-earlier-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (): string => join(directory, 'workbench.sqlite');
const read = (path: string): ReturnType<typeof contentsOf> => {
  const database = new Sqlite(path, { readonly: true });
  try {
    return contentsOf(database);
  } finally {
    database.close();
  }
};
const copies = (): string[] => readdirSync(join(directory, 'backups'));
const earlier = migrations.slice(0, -1).map((_, at) => at + 1);

describe.each(earlier)('a library of version %i', (version) => {
  test('comes along whole, and a copy of it is kept', () => {
    writeEarlierLibrary(file(), version);
    const before = read(file());
    const database = openDatabase(directory);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(database.pragma('foreign_key_check')).toEqual([]);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');

    const after = contentsOf(database);
    for (const [table, rows] of Object.entries(before)) {
      expect(after[table], table).toHaveLength(rows.length);
      for (const [at, row] of rows.entries()) {
        const kept = Object.entries(row).filter(([column]) => column in after[table]![at]!);
        expect(after[table]![at], table).toMatchObject(Object.fromEntries(kept));
      }
    }

    const store = createStore(database, directory);
    expect(store.runs.find('r1')).toMatchObject({
      ...{ status: 'completed', step: 5, steps: 10, notices: ['a notice'] },
      summary: { 'validation/loss': 2.5 },
    });
    expect(store.adapters.ofRun('r1')).toMatchObject({ id: 'a1', experimentId: 'e1', modelId: 'm1' });
    expect(store.exports.ofAdapter('a1')).toMatchObject([{ id: 'x1', runId: 'r1', status: 'completed' }]);
    expect(store.models.list().map(({ id, objective }) => [id, objective])).toEqual([
      ['m1', 'next-token'],
      ['m2', 'classification'],
    ]);
    store.close();

    const [copy, ...others] = copies();
    expect(others).toEqual([]);
    expect(copy).toMatch(new RegExp(`^workbench-v${version}-`));
    expect(read(join(directory, 'backups', copy!))).toEqual(before);
  });

  test('is as it was where a later migration fails', () => {
    writeEarlierLibrary(file(), version);
    const before = read(file());
    const database = new Sqlite(file());
    const failing = [
      ...migrations.slice(0, -1),
      `${migrations.at(-1)!}; UPDATE runs SET note = 'half'; SELECT * FROM nowhere;`,
    ];
    expect(() => migrateWithCopy(database, directory, failing)).toThrow(
      /could not be brought from data version \d+ to \d+ \(no such table: nowhere\); nothing in it has changed/,
    );
    database.close();
    expect(read(file())).toEqual(before);
    expect(read(join(directory, 'backups', copies()[0]!))).toEqual(before);
  });
});

test('the newest three copies are kept, and nothing else in their folder is touched', () => {
  const database = openDatabase(directory);
  copyLibrary(database, directory);
  const [name] = copies();
  for (const day of ['01', '02', '03', '04'])
    writeFileSync(join(directory, 'backups', name!.replace(/\d\d\d\d-\d\d-\d\d/, `2020-01-${day}`)), 'old');
  writeFileSync(join(directory, 'backups', 'mine.sqlite'), 'a shopping list');
  copyLibrary(database, directory);
  database.close();
  const left = copies().filter((entry) => entry.startsWith('workbench'));
  expect(left).toHaveLength(3);
  expect(left.filter((entry) => entry.includes('2020')).every((entry) => /-0[34]T/.test(entry))).toBe(true);
  expect(readFileSync(join(directory, 'backups', 'mine.sqlite'), 'utf8')).toBe('a shopping list');
});

describe('a library that is lost', () => {
  const message = (): string => {
    try {
      openDatabase(directory).close();
    } catch (error) {
      return (error as Error).message.replaceAll(directory, 'DATA');
    }
    throw new Error('it opened');
  };

  test('is not a new one where its file is empty', () => {
    writeFileSync(file(), '');
    expect(message()).toBe(
      'DATA/workbench.sqlite holds nothing, so the library is lost from it: put a copy in its place, or restore a backup with `nora restore`, or move it away to begin anew',
    );
    expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
  });

  test('names the newest copy', () => {
    writeEarlierLibrary(file(), 3);
    openDatabase(directory).close();
    writeFileSync(file(), '');
    expect(message()).toMatch(/put a copy in its place \(DATA\/backups\/workbench-v3-.*\.sqlite is one\)/);
  });

  test('is not a new one where its runs lie', () => {
    for (const folder of ['runs/0123456789ab', 'runs/mine', 'adapters/abcdefghjkmn'])
      mkdirSync(join(directory, folder), { recursive: true });
    expect(message()).toBe(
      'DATA/workbench.sqlite is gone, and its runs and adapters are there; an empty library would know nothing of them, so none was made: put a copy in its place, or restore a backup with `nora restore`, or move runs and adapters away to begin anew',
    );
    expect(readdirSync(directory).toSorted()).toEqual(['adapters', 'runs']);
  });

  test('is not a new one where copies of it lie, and comes back with one', () => {
    writeEarlierLibrary(file(), 3);
    openDatabase(directory).close();
    const rows = 'SELECT count(*) FROM runs';
    const [copy] = readdirSync(join(directory, 'backups')) as [string];
    for (const name of readdirSync(directory).filter((entry) => entry.startsWith('workbench.sqlite')))
      rmSync(join(directory, name));
    expect(message()).toMatch(/its backups are there; .*: put a copy in its place \(DATA\/backups\/work/);
    cpSync(join(directory, 'backups', copy), file());
    const database = openDatabase(directory);
    expect(database.prepare(rows).pluck().get()).toBeGreaterThan(0);
    database.close();
  });

  test('is a new one beside the runs of another program', () => {
    for (const folder of ['runs/detect', 'runs/exp12'])
      mkdirSync(join(directory, folder), { recursive: true });
    openDatabase(directory).close();
    expect(existsSync(file())).toBe(true);
  });

  test('is not a new one where only its log is left', () => {
    writeFileSync(`${file()}-wal`, 'what was written last');
    expect(message()).toMatch(/^DATA\/workbench.sqlite is gone, and DATA\/workbench.sqlite-wal holds/);
    expect(readdirSync(directory)).toEqual(['workbench.sqlite-wal']);
  });

  test("is not another program's database", () => {
    for (const sql of [
      'CREATE TABLE a (x); DROP TABLE a',
      'CREATE TABLE bookmarks (x)',
      'CREATE TABLE runs (x); PRAGMA user_version = 3',
    ]) {
      rmSync(file(), { force: true });
      const other = new Sqlite(file());
      other.exec(sql);
      other.close();
      const before = readFileSync(file());
      expect(message()).toMatch(/is a database, but not a NoRA Workbench library/);
      expect(readFileSync(file()).equals(before)).toBe(true);
    }
  });
});

test('a new library is there whole or not at all', () => {
  openDatabase(directory).close();
  expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
  const database = new Sqlite(file(), { readonly: true });
  expect(database.pragma('application_id', { simple: true })).toBe(0x4e6f5241);
  database.close();
});
