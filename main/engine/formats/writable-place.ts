import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { invalidInput } from '../errors.ts';
import { fileError } from './file-errors.ts';

/** The folder itself, or the one of those that it will lie in which is there already. */
const nearest = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));

/**
 * Refuses before long work what could only fail once its result is written: a place that the system lets nobody, or not this person, write to.
 * @throws WorkbenchError naming the folder
 */
export const assertWritablePlace = (path: string): void => {
  const folder = nearest(resolve(path));
  if (!statSync(folder).isDirectory()) throw invalidInput(`${folder}: is a file, not a folder to write into`);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError(error, 'write', folder);
  }
};
