import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/**
 * Makes a folder and those that it lies in, where they are not there; each is on the disk when this returns, or what is written in it would go
 * with it when the power fails. Node's own `recursive` never ends on file systems that answer
 * "no such folder" where the one above is there and takes no new ones (/proc).
 * @param mode who may look into it; what the system has as usual otherwise, as for those that it lies in
 * @throws the system's error
 */
export const makeFolder = (path: string, mode?: number): void => {
  try {
    mkdirSync(path, { mode });
    syncFolder(dirname(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      if (statSync(path).isDirectory()) return;
      throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`), { code: 'ENOTDIR' });
    }
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path || existsSync(above)) throw error;
    makeFolder(above);
    mkdirSync(path, { mode });
    syncFolder(above);
  }
};
