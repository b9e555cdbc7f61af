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

/** Whether a data directory has a library that can be looked at, but not changed. */
export const canOnlyBeRead = (directory: string): boolean => {
  const file = databaseFileOf(directory);
  return existsSync(file) && (refusesWriting(directory) || refusesWriting(file));
};
