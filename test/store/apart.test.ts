import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runApart } from '../../main/store/apart.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-apart-'));
  file = join(directory, 'library.sqlite');
  const database = new Sqlite(file);
  database.exec('CREATE TABLE a (x INTEGER NOT NULL); INSERT INTO a VALUES (1), (2)');
  database.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('gives the rows of each statement', async () => {
  const rows = await runApart(file, [
    { sql: 'SELECT x FROM a ORDER BY x' },
    { sql: 'SELECT x FROM a WHERE x = ?', values: [2] },
    { sql: 'PRAGMA integrity_check' },
  ]);
  expect(rows).toEqual([[{ x: 1 }, { x: 2 }], [{ x: 2 }], [{ integrity_check: 'ok' }]]);
});

test('writes only where that is said, and says what SQLite says', async () => {
  const insert = [{ sql: 'INSERT INTO a VALUES (?)', values: [3] }];
  await expect(runApart(file, insert)).rejects.toMatchObject({ code: 'SQLITE_READONLY' });
  expect(await runApart(file, insert, { readonly: false })).toEqual([[]]);
  await expect(runApart(file, [{ sql: 'SELECT * FROM b' }])).rejects.toThrow('no such table: b');
  await expect(runApart(join(directory, 'none'), insert)).rejects.toMatchObject({
    code: 'SQLITE_CANTOPEN',
  });
});

test('does not hold up this thread, and ends when it is told to', async () => {
  const forever = [
    {
      sql: 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000000) SELECT max(i) FROM n',
    },
  ];
  const stop = new AbortController();
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  setTimeout(() => stop.abort(new Error('enough')), 400);
  await expect(runApart(file, forever, { signal: stop.signal })).rejects.toThrow('enough');
  clearInterval(timer);
  expect(longest).toBeLessThan(300); // of 400 ms in which SQLite never stops
});
