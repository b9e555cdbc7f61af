import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { invalidInput } from '../engine/errors.ts';
import { newestCopy } from './library-copies.ts';
import { isId } from './ids.ts';
import { namesIn } from './names-in.ts';
import { databaseFileOf } from './places.ts';

/** "NoRA" in ASCII, in the header of every library. One from before it was kept has 0 there. */
const applicationId = 0x4e_6f_52_41;

/** What every library has had since the first. */
const tablesOfAll = ['models', 'datasets', 'experiments', 'runs', 'metrics'];

const isFull = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/**
 * What to do where the library's own file is lost.
 * @param away what a person moves who wants an empty library
 */
export const waysOut = (directory: string, away = 'it'): string => {
  const copy = newestCopy(directory);
  const put =
    copy === undefined
      ? 'put a copy in its place, or restore a backup with `nora restore`'
      : `put a copy in its place (${copy} is one), or restore a backup with \`nora restore\``;
  return `${put}, or move ${away} away to begin anew`;
};

/** The folders in which something of a library lies. */
const foldersLeft = (directory: string): string[] => [
  ...['runs', 'adapters'].filter((folder) => namesIn(join(directory, folder)).some(isId)),
  ...(newestCopy(directory) === undefined ? [] : ['backups']),
];

/**
 * SQLite takes a file without a byte for an empty database, and the log of a database that is gone for nobody's. Both are a library that
 * was lost, and must not pass as a new one. No more must one that is missing where its runs lie.
 * @returns whether there is a file
 * @throws WorkbenchError `invalid-input` for any of these
 */
export const assertNotLost = (directory: string): boolean => {
  const file = databaseFileOf(directory);
  if (existsSync(file)) {
    const found = statSync(file);
    if (found.isFile() && found.size === 0)
      throw invalidInput(`${file} holds nothing, so the library is lost from it: ${waysOut(directory)}`);
    return true;
  }
  if (isFull(`${file}-wal`))
    throw invalidInput(
      `${file} is gone, and ${file}-wal holds what was last written to it: put both back together; where only the log is left, move it away and ${waysOut(directory)}`,
    );
  const left = foldersLeft(directory).join(' and ');
  if (left !== '')
    throw invalidInput(
      `${file} is gone, and its ${left} are there; an empty library would know nothing of them, so none was made: ${waysOut(directory, left)}`,
    );
  return false;
};

/** Reads only. @throws WorkbenchError `invalid-input` for a database of another program's */
export const assertLibrary = (
  database: Database,
  directory: string,
  file = databaseFileOf(directory),
): void => {
  const id = database.pragma('application_id', { simple: true });
  const version = database.pragma('user_version', { simple: true }) as number;
  const tables = new Set(
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[],
  );
  const isOurs = id === applicationId || (id === 0 && version > 0);
  if (isOurs && tablesOfAll.every((name) => tables.has(name))) return;
  throw invalidInput(`${file} is a database, but not a NoRA Workbench library: ${waysOut(directory)}`);
};

/** So that the file is known for what it is. */
export const signLibrary = (database: Database): void => {
  if (database.pragma('application_id', { simple: true }) === applicationId) return;
  database.pragma(`application_id = ${applicationId}`);
};
