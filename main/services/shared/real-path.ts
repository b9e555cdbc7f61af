import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/** Absolute, with symbolic links resolved; what is not there is left for its reader to name. */
export const realPath = (path: string): string => {
  const absolute = resolve(path);
  return existsSync(absolute) ? realpathSync(absolute) : absolute;
};
