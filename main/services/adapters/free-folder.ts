import { existsSync, readdirSync, statSync } from 'node:fs';
import { assertWritablePlace } from '../../engine/formats/writable-place.ts';
import { WorkbenchError } from '../../engine/errors.ts';

const isEmptyDirectory = (path: string): boolean =>
  statSync(path).isDirectory() && readdirSync(path).length === 0;

/** @throws WorkbenchError `conflict` where an export would find something in its place, and where nothing can be written there */
export const assertFreeFolder = (path: string): void => {
  if (existsSync(path) && !isEmptyDirectory(path))
    throw new WorkbenchError('conflict', `${path}: there is something already; choose a new or empty folder`);
  assertWritablePlace(path);
};
