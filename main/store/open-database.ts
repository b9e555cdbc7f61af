import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { migrate, refuseNewerVersion } from './migrate.ts';
import { translateStoreError } from './store-errors.ts';

export const databaseFileOf = (directory: string): string => join(directory, 'workbench.sqlite');

/** How long a writer waits for another process's transaction. */
const busyMilliseconds = 5000;

/**
 * Opens a data directory's database, making both when absent and migrating an older one.
 *
 * @throws WorkbenchError `newer-version` before anything is changed; `invalid-input` when the file is no database or
 *   cannot be opened; `no-space`.
 */
export const openDatabase = (directory: string): Database => {
  const file = databaseFileOf(directory);
  let database: Database | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new Sqlite(file, { timeout: busyMilliseconds });
    refuseNewerVersion(database, directory);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw translateStoreError(error, file);
  }
};
