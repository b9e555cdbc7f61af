import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { assertLibrary, assertNotLost } from './library-file.ts';
import { isMigrated, migrate, refuseNewerVersion } from './migrate.ts';
import { databaseFileOf } from './places.ts';
import { refusesWriting } from './read-only.ts';
import { translateStoreError } from './store-errors.ts';

export interface Viewed {
  readonly database: Database;
  /** Whether it still shows the library as it is: a copy does until somebody writes. */
  readonly isCurrent: () => boolean;
  readonly close: () => void;
}

const busyMilliseconds = 5000;
const mostTries = 3;

/**
 * Opens the library of a data directory that can't be written, and changes nothing there. SQLite reads a library with a log in place only
 * where its index lies beside it, as it does while another process works with it. Elsewhere a private copy is read, as the library is
 * now; so is one of an earlier release, since the copy can be migrated. Where the folder takes files though the library takes none, SQLite
 * would make a log and an index that are the viewer's, and leave them there: whoever the library belongs to could write it no more.
 *
 * `immutable` would need no copy, but gives wrong answers where somebody writes after all: what can only be read here may be written elsewhere.
 *
 * @throws WorkbenchError `newer-version`; `invalid-input` where it is lost or no library; `conflict` where it changes while it is copied
 */
export const openToView = (directory: string): Viewed => {
  const file = databaseFileOf(directory);
  try {
    assertNotLost(directory);
    return openInPlace(directory) ?? openCopy(directory);
  } catch (error) {
    throw translateStoreError(error, file);
  }
};

/** Null where SQLite can't read it there, or would make files for that, or this release can't read it as it is. */
const openInPlace = (directory: string): Viewed | null => {
  if (!refusesWriting(directory)) return null;
  let database: Database | undefined;
  try {
    database = new Sqlite(databaseFileOf(directory), {
      readonly: true,
      fileMustExist: true,
      timeout: busyMilliseconds,
    });
    refuseNewerVersion(database, directory);
    assertLibrary(database, directory);
    if (isMigrated(database)) return viewedOf(database, () => true);
    database.close();
    return null;
  } catch (error) {
    database?.close();
    if (!needsItsIndex(error)) throw error;
    return null;
  }
};

/** It can't make the index of the log, or may not. */
const needsItsIndex = (error: unknown): boolean =>
  /^SQLITE_(CANTOPEN|READONLY)/.test((error as { code?: string }).code ?? '');

/** In the first place for temporary files that has room: on many machines the usual one is on the disk that is full. */
const openCopy = (directory: string): Viewed => {
  const places = temporaryPlaces();
  for (const place of places) {
    try {
      return openCopyIn(place, directory);
    } catch (error) {
      if (!isForWantOfRoom(error, place)) throw error;
    }
  }
  throw new WorkbenchError(
    'no-space',
    `${databaseFileOf(directory)}: there is no room to look at it either, in ${places.join(' or ')}: free some space, or set TMPDIR to a folder on a disk that has some`,
  );
};

/** The usual one, and those that Linux keeps in memory. */
const temporaryPlaces = (): string[] => {
  const inMemory = process.platform === 'linux' ? [process.env['XDG_RUNTIME_DIR'] ?? '', '/dev/shm'] : [];
  return [tmpdir(), ...inMemory.filter((path) => existsSync(path) && !refusesWriting(path))];
};

const isForWantOfRoom = (error: unknown, place: string): boolean => {
  const translated = translateStoreError(error, join(place, 'copy'));
  return translated instanceof WorkbenchError && translated.code === 'no-space';
};

const openCopyIn = (place: string, directory: string): Viewed => {
  const folder = mkdtempSync(join(place, 'nora-view-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let database: Database | undefined;
  try {
    const copy = join(folder, basename(databaseFileOf(directory)));
    const copied = copyWhole(databaseFileOf(directory), copy);
    database = new Sqlite(copy);
    refuseNewerVersion(database, directory);
    assertLibrary(database, directory);
    migrate(database);
    return viewedOf(database, () => looksOfLibrary(databaseFileOf(directory)) === copied, remove);
  } catch (error) {
    database?.close();
    remove();
    throw error;
  }
};

const viewedOf = (database: Database, isCurrent: () => boolean, remove = (): void => undefined): Viewed => {
  database.pragma('query_only = ON');
  return {
    database,
    isCurrent,
    close: () => {
      database.close();
      remove();
    },
  };
};

const parts = ['', '-wal'];

/** The library and its log as they were at one moment. @returns what they looked like */
const copyWhole = (file: string, copy: string): string => {
  for (let tries = 0; tries < mostTries; tries++) {
    const before = looksOfLibrary(file);
    for (const part of parts) {
      rmSync(copy + part, { force: true });
      if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    }
    if (looksOfLibrary(file) === before) return before;
  }
  throw new WorkbenchError('conflict', `${file} is being written by another program; try again in a moment`);
};

const looksOfLibrary = (file: string): string => parts.map((part) => looksOf(file + part)).join();

const looksOf = (path: string): string => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
};
