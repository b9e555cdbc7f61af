import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { temporaryName } from '../engine/formats/atomic-file.ts';
import { makeFolderForGroup } from '../engine/formats/group-rights.ts';
import { syncFile, syncFolder } from '../engine/formats/sync-folder.ts';
import { runApart } from './apart.ts';
import { copiesDirectoryOf, databaseFileOf } from './places.ts';

const mostKept = 3;

/** `workbench-v20-2026-11-29T15-34-30.sqlite`: which version, and when. */
const pattern = /^workbench-v\d+-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)\.sqlite$/;

/** Copies of the library that the workbench has made, the newest first. */
export const libraryCopies = (directory: string): string[] => {
  const folder = copiesDirectoryOf(directory);
  if (!existsSync(folder)) return [];
  const time = (name: string): string => pattern.exec(name)?.[1] ?? '';
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((a, b) => time(b).localeCompare(time(a)))
    .map((name) => join(folder, name));
};

export const newestCopy = (directory: string): string | undefined => libraryCopies(directory)[0];

/**
 * Copies the library as it stands, whole or not at all, and keeps the newest few.
 * @returns the copy
 * @throws the system's or SQLite's error; WorkbenchError `internal` for a copy that is not sound
 */
export const copyLibrary = (database: Database, directory: string): string => {
  const copy = placeOf(directory, database.pragma('user_version', { simple: true }) as number);
  try {
    database.prepare('VACUUM INTO ?').run(copy.temporary);
    const made = new Sqlite(copy.temporary, { readonly: true });
    try {
      assertSound(database.name, made.pragma('quick_check(1)', { simple: true }));
    } finally {
      made.close();
    }
    return keep(copy, directory);
  } finally {
    rmSync(copy.temporary, { force: true });
  }
};

/** The same on a thread of its own, of a library that is open in this one. */
export const copyLibraryApart = async (directory: string): Promise<string> => {
  const file = databaseFileOf(directory);
  const [rows] = await runApart(file, [{ sql: 'PRAGMA user_version' }]);
  const copy = placeOf(directory, rows![0]!['user_version'] as number);
  try {
    await runApart(file, [{ sql: 'VACUUM INTO ?', values: [copy.temporary] }]);
    await assertSoundApart(copy.temporary, file);
    return keep(copy, directory);
  } finally {
    rmSync(copy.temporary, { force: true });
  }
};

interface Copy {
  readonly place: string;
  readonly temporary: string;
}

const placeOf = (directory: string, version: number): Copy => {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const place = join(copiesDirectoryOf(directory), `workbench-v${version}-${time}.sqlite`);
  makeFolderForGroup(copiesDirectoryOf(directory));
  return { place, temporary: temporaryName(place) };
};

const keep = ({ place, temporary }: Copy, directory: string): string => {
  syncFile(temporary);
  renameSync(temporary, place);
  syncFolder(copiesDirectoryOf(directory));
  for (const old of libraryCopies(directory).slice(mostKept)) rmSync(old, { force: true });
  return place;
};

const assertSound = (library: string, found: unknown): void => {
  if (found !== 'ok')
    throw new WorkbenchError(
      'internal',
      `${library}: is damaged, and so is each copy of it (${found}); \`nora doctor --check\` says what can be done`,
    );
};

/**
 * A copy is made of whatever is there, damaged or not.
 * @param library what was copied, which an error names
 * @throws WorkbenchError `internal`
 */
export const assertSoundApart = async (copy: string, library: string): Promise<void> => {
  const [found] = await runApart(copy, [{ sql: 'PRAGMA quick_check(1)' }]);
  assertSound(library, found![0]!['quick_check']);
};
