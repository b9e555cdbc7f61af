import { isAbsolute, join, relative, sep } from 'node:path';

export interface PortablePaths {
  toStored(path: string): string;
  fromStored(path: string): string;
}

/** Paths inside the data directory are kept relative to it, with `/`, so that it can be moved as a whole. */
export const portablePaths = (dataDirectory: string): PortablePaths => ({
  toStored: (path) => {
    const inside = relative(dataDirectory, path);
    const isInside =
      inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
    return isInside ? inside.replaceAll(sep, '/') : path;
  },
  fromStored: (path) => (isAbsolute(path) ? path : join(dataDirectory, path)),
});
