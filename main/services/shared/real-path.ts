import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Absolute, with symbolic links resolved; what is not there is left for its reader to name. */
export const realPath = (path: string): string => {
  const absolute = resolve(path);
  return existsSync(absolute) ? realpathSync(absolute) : absolute;
};

/** The same for a model: of one that is a file the name stays, since the Hub's cache links it to one that only a hash names. */
export const realPlace = (path: string): string => {
  const absolute = resolve(path);
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() !== false;
  return isFolder ? realPath(absolute) : join(realpathSync(dirname(absolute)), basename(absolute));
};
