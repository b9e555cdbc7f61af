import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signLibrary } from '../../main/store/library-file.ts';
import { migrate } from '../../main/store/migrate.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import { openToView } from '../../main/store/open-to-view.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-to-view-'));
  file = join(directory, 'workbench.sqlite');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const make = (version: number): void => {
  const database = new Sqlite(file);
  migrate(database, migrations.slice(0, version));
  signLibrary(database);
  database.close();
};

test('one of an earlier release is shown by this one, and stays as it is', () => {
  make(migrations.length - 1);
  const before = readFileSync(file);
  const { database, close } = openToView(directory);
  expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
  expect(() => database.prepare('DELETE FROM runs').run()).toThrow(/readonly/);
  close();
  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
});

/** SQLite leaves the log and the index that it makes for a reader, as the reader's own. */
test('one in a folder that takes files gets none beside it, with a log or without', () => {
  make(migrations.length);
  const writer = new Sqlite(file);
  writer.pragma('journal_mode = WAL');
  writer.close();
  const first = openToView(directory);
  expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
  first.close();
  expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
});

test('one that another program works with is copied with what it has written last', () => {
  make(migrations.length);
  const writer = new Sqlite(file);
  writer.pragma('journal_mode = WAL');
  writer.prepare('UPDATE queue SET paused_at = ?').run('2026-01-02T03:04:05.000Z');
  const { database, close } = openToView(directory);
  expect(database.prepare('SELECT paused_at FROM queue').pluck().all()).toContain('2026-01-02T03:04:05.000Z');
  close();
  writer.close();
  expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
});

test('one of a newer release is refused', () => {
  make(migrations.length);
  const database = new Sqlite(file);
  database.pragma(`user_version = ${migrations.length + 1}`);
  database.close();
  expect(() => openToView(directory)).toThrow(/was written by a newer NoRA Workbench/);
});

test('one that is lost is no empty one', () => {
  make(migrations.length);
  truncateSync(file, 0);
  expect(() => openToView(directory)).toThrow(/holds nothing, so the library is lost from it/);
});
