import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';

/** Looks into a library that came from elsewhere before anything relies on it, and changes what has to be other here. */
export const settleLibrary = (
  file: string,
  path: string,
  isId: (text: string) => boolean,
  change: (database: Database) => void,
): void => {
  if (!existsSync(file)) throw invalidInput(`${path}: has no library in it`);
  const database = new Sqlite(file);
  try {
    database.pragma('trusted_schema = OFF');
    if (database.pragma('quick_check(1)', { simple: true }) !== 'ok')
      throw invalidInput(`${path}: the library in it is damaged`);
    assertPlain(database, path, isId);
    change(database);
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    throw invalidInput(`${path}: the library in it can't be read (${(error as Error).message})`, {
      cause: error,
    });
  } finally {
    database.close();
  }
};

/** Ids become names of folders, which are removed with what they name; so they are ours, and folders lie where ours do. */
const assertPlain = (database: Database, path: string, isId: (text: string) => boolean): void => {
  const strange = (what: string): WorkbenchError =>
    invalidInput(`${path}: the library in it names ${JSON.stringify(what)}, as none of ours does`);
  const odd = database
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view')")
    .pluck()
    .get();
  if (odd !== undefined) throw strange(odd as string);
  for (const table of ['experiments', 'configurations', 'runs', 'adapters'])
    for (const id of database.prepare(`SELECT id FROM ${table}`).pluck().iterate())
      if (!isId(id as string)) throw strange(id as string);
  const places = database
    .prepare(
      `SELECT 'runs/' || run_id AS within, directory FROM checkpoints
       UNION ALL SELECT coalesce('runs/' || run_id, 'adapters'), directory FROM adapters`,
    )
    .iterate() as IterableIterator<{ within: string; directory: string }>;
  for (const { within, directory } of places)
    if (!directory.startsWith(`${within}/`) || directory.split(/[\\/]/).includes('..'))
      throw strange(directory);
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
