import { accessSync, constants, existsSync } from 'node:fs';
import { databaseFileOf } from './places.ts';

const refused: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Whether the system lets nobody, or not this person, write there: a disk that can only be read, or permissions. */
export const refusesWriting = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return refused.has((error as NodeJS.ErrnoException).code ?? '');
  }
};

/** Why a library is looked at and not worked with: it takes no writes, or its disk has no room for any. */
export type ViewedFor = 'read-only' | 'full';

/** Whether a data directory has a library that can be looked at, but not changed. */
export const canOnlyBeRead = (directory: string): boolean => {
  const file = databaseFileOf(directory);
  return existsSync(file) && (refusesWriting(directory) || refusesWriting(file));
};
