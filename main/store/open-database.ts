import { existsSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { closeToOthers, makeFoldersForGroup } from './close-to-others.ts';
import { createLibrary } from './create-library.ts';
import { assertLibrary, assertNotLost, signLibrary } from './library-file.ts';
import { migrateWithCopy, refuseNewerVersion } from './migrate.ts';
import { databaseFileOf } from './places.ts';
import { translateStoreError } from './store-errors.ts';
import { invalidInput } from '../engine/errors.ts';
import { fileError } from '../engine/formats/file-errors.ts';
import { makeFolder } from '../engine/formats/make-folder.ts';

/** Of a data directory that is made: what is in it is nobody else's. */
const ownerOnly = 0o700;

/** How long a writer waits for another process's transaction. */
const busyMilliseconds = 5000;

/** @throws WorkbenchError naming the folder, and what is in the way of it */
const makeDataDirectory = (directory: string): void => {
  try {
    makeFolder(directory, ownerOnly);
  } catch (error) {
    const isFile = existsSync(directory) && !statSync(directory).isDirectory();
    const cause = { cause: error };
    if (isFile) throw invalidInput(`${directory}: is a file, not a folder to keep the library in`, cause);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw invalidInput(`${directory}: no folder can be made there`, cause);
    throw fileError(error, 'write', directory);
  }
};

/**
 * Opens a data directory's database, making both when absent and migrating an older one, of which a copy is kept.
 *
 * @throws WorkbenchError `newer-version` before anything is changed; `invalid-input` when the file is no library, is lost or cannot be
 *   opened; `no-space`.
 */
export const openDatabase = (directory: string): Database => {
  const file = databaseFileOf(directory);
  makeDataDirectory(directory);
  let database: Database | undefined;
  try {
    const isThere = assertNotLost(directory);
    // Before SQLite makes the log and its index, which get the library's own rights.
    closeToOthers(directory);
    if (!isThere) createLibrary(directory);
    database = new Sqlite(file, { timeout: busyMilliseconds });
    refuseNewerVersion(database, directory);
    assertLibrary(database, directory);
    makeFoldersForGroup(directory);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    migrateWithCopy(database, directory);
    signLibrary(database);
    return database;
  } catch (error) {
    database?.close();
    throw translateStoreError(error, file);
  }
};
