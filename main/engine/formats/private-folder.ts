import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { WorkbenchError } from '../errors.ts';

/**
 * A folder of that name among the temporary files that only this user can write to; made where it is not there. Where a machine's users share
 * one folder for those, anybody can take a name first.
 * @throws WorkbenchError `conflict` where somebody has
 */
export const privateTemporaryFolder = (name: string): string => {
  const { uid } = userInfo();
  // Windows has no such numbers, and a temporary folder for each user.
  if (uid === -1) return join(tmpdir(), name);
  const path = join(tmpdir(), `${name}-${uid}`);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0)
    throw new WorkbenchError(
      'conflict',
      `${path}: is not a folder of this user alone; remove it, or set TMPDIR to a folder of your own`,
    );
  return path;
};
