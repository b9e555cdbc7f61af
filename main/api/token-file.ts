import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../engine/errors.ts';
import { writeFileWhole } from '../engine/formats/atomic-file.ts';
import { fileError } from '../engine/formats/file-errors.ts';
import { privateNames } from '../services/folders/private-names.ts';

export interface KeptToken {
  readonly token: string;
  /** Why it is not the one that was there; null where it is, and where there was none. */
  readonly replaced: string | null;
}

export const tokenForm = /^[\w-]{16,}$/;
export const newToken = (): string => randomBytes(32).toString('base64url');

const ownerOnly = 0o600;
const forOthers = 0o077;

/**
 * The token of a data directory, made once, so that a page that is open finds the workbench again after a restart. A token that anybody else could
 * have read is none any more: another takes its place.
 * @param makeNew whatever there is: pages that are open are signed out
 * @throws WorkbenchError where the file is another user's, or can't be read or written
 */
export const keptToken = (
  dataDirectory: string,
  { makeNew = false }: { readonly makeNew?: boolean } = {},
): KeptToken => {
  const file = join(dataDirectory, privateNames.token);
  const make = (replaced: string | null): KeptToken => {
    const token = newToken();
    writeFileWhole(file, `${token}\n`, { mode: ownerOnly });
    return { token, replaced };
  };
  const stats = look(file);
  if (stats === undefined || makeNew) return make(null);
  if (!stats.isFile())
    throw new WorkbenchError('conflict', `${file}: expected a file; take away what is there`);
  if (process.getuid !== undefined && stats.uid !== process.getuid())
    throw new WorkbenchError('conflict', `${file}: belongs to another user; remove it`);
  if (process.platform !== 'win32' && (stats.mode & forOthers) !== 0)
    return make(`${file} could be read by others`);
  const token = read(file);
  return tokenForm.test(token) ? { token, replaced: null } : make(`${file} held no token`);
};

/**
 * A token that a person keeps in a file of their own.
 * @throws WorkbenchError where others could read it, or it is too weak
 */
export const givenToken = (file: string): string => {
  const stats = look(file);
  const token = read(file);
  if (process.platform !== 'win32' && stats !== undefined && (stats.mode & forOthers) !== 0)
    throw new WorkbenchError('invalid-input', `${file}: can be read by others; chmod 600 it`);
  return token;
};

const look = (file: string): Stats | undefined => {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, 'read', file);
  }
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw fileError(error, 'read', file);
  }
};
