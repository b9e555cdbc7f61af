import { rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { takeName, temporaryName } from '../engine/formats/atomic-file.ts';
import { syncFolder } from '../engine/formats/sync-folder.ts';
import { closeFile } from './close-to-others.ts';
import { signLibrary } from './library-file.ts';
import { migrate } from './migrate.ts';
import { databaseFileOf } from './places.ts';

/**
 * Makes an empty library, whole or not at all: a file of its name is never one that SQLite has only just opened. Where another process
 * makes one at the same moment, its own stays.
 */
export const createLibrary = (directory: string): void => {
  const file = databaseFileOf(directory);
  const temporary = temporaryName(file);
  try {
    const database = new Sqlite(temporary);
    try {
      database.pragma('journal_mode = WAL');
      migrate(database);
      signLibrary(database);
    } finally {
      database.close();
    }
    closeFile(directory, temporary);
    takeName(temporary, file);
    syncFolder(directory);
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(temporary + suffix, { force: true });
  }
};
