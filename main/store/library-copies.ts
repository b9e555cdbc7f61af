import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { temporaryName } from '../engine/formats/atomic-file.ts';
import { makeFolder } from '../engine/formats/make-folder.ts';

const mostKept = 3;

/** `workbench-v20-2026-11-29T15-34-30.sqlite`: which version, and when. */
const pattern = /^workbench-v\d+-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)\.sqlite$/;

/** Copies of the library alone, made before something changes all of it. */
export const copiesDirectoryOf = (directory: string): string => join(directory, 'backups');

/** Newest first. */
const copiesIn = (directory: string): string[] => {
  const folder = copiesDirectoryOf(directory);
  if (!existsSync(folder)) return [];
  const time = (name: string): string => pattern.exec(name)?.[1] ?? '';
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((a, b) => time(b).localeCompare(time(a)))
    .map((name) => join(folder, name));
};

export const newestCopy = (directory: string): string | undefined => copiesIn(directory)[0];

/**
 * Copies the library as it stands, whole or not at all, and keeps the newest few.
 * @returns the copy
 * @throws the system's or SQLite's error; WorkbenchError `internal` for a copy that is not sound
 */
export const copyLibrary = (database: Database, directory: string): string => {
  const version = database.pragma('user_version', { simple: true }) as number;
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const copy = join(copiesDirectoryOf(directory), `workbench-v${version}-${time}.sqlite`);
  makeFolder(copiesDirectoryOf(directory));
  const temporary = temporaryName(copy);
  try {
    database.prepare('VACUUM INTO ?').run(temporary);
    assertSound(temporary, version);
    syncFile(temporary);
    renameSync(temporary, copy);
  } finally {
    rmSync(temporary, { force: true });
  }
  for (const old of copiesIn(directory).slice(mostKept)) rmSync(old, { force: true });
  return copy;
};

const assertSound = (file: string, version: number): void => {
  const copy = new Sqlite(file, { readonly: true });
  try {
    const isSame = copy.pragma('user_version', { simple: true }) === version;
    const found = copy.pragma('quick_check(1)', { simple: true }) as string;
    if (isSame && found === 'ok') return;
    throw new WorkbenchError('internal', `${file}: the copy of the library is not sound (${found})`);
  } finally {
    copy.close();
  }
};

const syncFile = (path: string): void => {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};
