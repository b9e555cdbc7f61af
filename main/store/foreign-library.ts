import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';
import { createTurns } from '../engine/turns.ts';
import { runApart } from './apart.ts';
import { isId } from './ids.ts';

/**
 * Looks into a library that came from elsewhere before anything relies on it, and changes what has to be other here. What goes through all of it
 * does so on a thread of its own.
 */
export const settleLibrary = async (
  file: string,
  path: string,
  change: (database: Database) => void,
): Promise<void> => {
  if (!existsSync(file)) throw invalidInput(`${path}: has no library in it`);
  try {
    await assertPlain(file, path);
    const database = new Sqlite(file);
    try {
      database.pragma('trusted_schema = OFF');
      change(database);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    throw invalidInput(`${path}: the library in it can't be read (${(error as Error).message})`, {
      cause: error,
    });
  }
};

const namedTables = ['experiments', 'configurations', 'runs', 'adapters'];

/** Ids become names of folders, which are removed with what they name; so they are ours, and folders lie where ours do. */
const assertPlain = async (file: string, path: string): Promise<void> => {
  const strange = (what: string): WorkbenchError =>
    invalidInput(`${path}: the library in it names ${JSON.stringify(what)}, as none of ours does`);
  const [, soundness, odd, ids, places] = (await runApart(file, [
    { sql: 'PRAGMA trusted_schema = OFF' },
    { sql: 'PRAGMA quick_check(1)' },
    { sql: "SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1" },
    { sql: namedTables.map((table) => `SELECT id FROM ${table}`).join(' UNION ') },
    {
      sql: `SELECT 'runs/' || run_id AS within, directory FROM checkpoints
       UNION ALL SELECT coalesce('runs/' || run_id, 'adapters'), directory FROM adapters`,
    },
  ])) as unknown as [
    unknown,
    { quick_check: string }[],
    { name: string }[],
    { id: string }[],
    { within: string; directory: string }[],
  ];
  if (soundness[0]?.quick_check !== 'ok') throw invalidInput(`${path}: the library in it is damaged`);
  const turn = createTurns();
  if (odd[0] !== undefined) throw strange(odd[0].name);
  for (const { id } of ids) {
    await turn();
    if (!isId(id)) throw strange(id);
  }
  for (const { within, directory } of places) {
    await turn();
    if (!directory.startsWith(`${within}/`) || directory.split(/[\\/]/).includes('..'))
      throw strange(directory);
  }
};

/** @throws WorkbenchError where the library is of another experiment */
export const assertOnly = (
  database: Database,
  path: string,
  { id, runs }: { readonly id: string; readonly runs: readonly string[] },
): void => {
  const ids = (table: string): string =>
    (database.prepare(`SELECT id FROM ${table} ORDER BY id`).pluck().all() as string[]).join();
  if (ids('experiments') !== id || ids('runs') !== runs.toSorted().join())
    throw invalidInput(`${path}: is damaged: the library in it is of another experiment than it says`);
};

/** Those that lay in the data directory lie in this one now. */
export const moveExports = (database: Database, from: string, to: string): void => {
  database
    .prepare(
      `UPDATE exports SET destination = @to || substr(destination, length(@from) + 1),
         summary = json_set(summary, '$.destination', @to || substr(destination, length(@from) + 1))
       WHERE substr(destination, 1, length(@from) + 1) IN (@from || '/', @from || '\\')`,
    )
    .run({ from, to });
};
