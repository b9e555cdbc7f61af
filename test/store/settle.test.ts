import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../main/store/open-database.ts';
import { databaseFileOf } from '../../main/store/places.ts';
import { settling } from '../../main/store/settle.ts';

let directory: string;
let database: Database;
let synchronised: string[];
let finish: () => void;
let answer: Promise<void>;
const settle = () =>
  settling(database, databaseFileOf(directory), (path) => {
    synchronised.push(path);
    return answer;
  });
const change = (): unknown => database.exec('INSERT INTO kept (value) VALUES (1)');

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-settle-')));
  database = openDatabase(directory);
  database.exec('CREATE TABLE kept (value INTEGER)');
  synchronised = [];
  ({ promise: answer, resolve: finish } = Promise.withResolvers<void>());
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

test('waits for the log of what was changed, once', async () => {
  const settled = settle();
  change();
  let done = 0;
  const both = [settled(), settled()].map((one) => one.then(() => done++));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([synchronised, done]).toEqual([[`${databaseFileOf(directory)}-wal`], 0]);
  finish();
  await Promise.all(both);
  await settled();
  expect(synchronised).toHaveLength(1);
  change();
  await settled();
  expect(synchronised).toHaveLength(2);
});

test('waits for nothing where nothing was changed', async () => {
  const settled = settle();
  database.prepare('SELECT count(*) FROM kept').get();
  await settled();
  expect(synchronised).toEqual([]);
});

test('says what the disk says, and tries again', async () => {
  const settled = settle();
  change();
  answer = Promise.reject(
    Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' }),
  );
  await expect(settled()).rejects.toThrow(databaseFileOf(directory));
  answer = Promise.resolve();
  await settled();
  expect(synchronised).toHaveLength(2);
});

test('synchronises the log itself', async () => {
  change();
  const settled = settling(database, databaseFileOf(directory));
  change();
  await settled();
  database.pragma('wal_checkpoint(TRUNCATE)');
  change();
  await settled();
});
