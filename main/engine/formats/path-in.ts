import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { invalidInput } from '../errors.ts';
import { fileError } from './file-errors.ts';

/**
 * Where a file of a folder that a person named lies. The folder may be a link, and links within it may lead to other places in it, or to the
 * blobs of the Hub's cache that the folder is part of. Whoever packed the folder must not have another file of this machine read, or copied
 * into an export, by a link that leads out of it. To be called where the file is opened: a name that was checked before can be a link now.
 * @param name relative to the folder
 * @returns the path as a person knows it, links unresolved; also where nothing is there
 * @throws WorkbenchError 'invalid-input' naming the link, and where it leads
 */
export const pathIn = (folder: string, name: string): string => {
  const path = join(folder, name);
  const real = realPath(path);
  if (real === null) return path;
  const root = realpathSync(folder);
  if (isWithin(root, real) || isBlobOf(root, real)) return path;
  throw invalidInput(
    `${path}: leads out of its folder, to ${real}; links are followed within the folder only: put the file itself there`,
  );
};

const realPath = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw fileError(error, 'read', path);
  }
};

const isWithin = (folder: string, path: string): boolean =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** The Hub keeps the contents of `models--owner--name/snapshots/revision` in `models--owner--name/blobs`. */
const isBlobOf = (snapshot: string, path: string): boolean => {
  const parts = snapshot.split(sep);
  const at = parts.findIndex(
    (part, index) => part.startsWith('models--') && parts[index + 1] === 'snapshots',
  );
  return at !== -1 && isWithin([...parts.slice(0, at + 1), 'blobs'].join(sep), path);
};
