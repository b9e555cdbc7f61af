import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import { fileError } from './file-errors.ts';
import { makeFolder } from './make-folder.ts';
import { syncFolder } from './sync-folder.ts';

export interface WriteFileOptions {
  /** Who may read and write it, from the first byte; what the system has as usual otherwise. */
  readonly mode?: number;
}

/** Writes a file whole or not at all, and on the disk when this returns. Replaces an existing file. */
export const writeFileWhole = (
  path: string,
  data: string | Uint8Array,
  options: WriteFileOptions = {},
): void => {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  writeFileWholeWith(path, (file) => writeAll(file, bytes), options);
};

/**
 * As writeFileWhole, for contents that are made piece by piece.
 * @param fill writes to the open file with writeAll
 * @throws WorkbenchError 'no-space', 'not-found' (the folder) or 'invalid-input' (not writable), naming the path
 */
export const writeFileWholeWith = (
  path: string,
  fill: (file: number) => void,
  { mode }: WriteFileOptions = {},
): void => {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, 'wx', mode);
    try {
      fill(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    removeQuietly(temporary);
    throw fileError(error, 'write', path);
  }
};

/**
 * Gives what was made its name where nothing has it; renaming would replace what another program has made there meanwhile. Some disks have no
 * hard links: there an empty file takes the name first.
 * @returns whether it has the name; where it has not, both stay as they are
 * @throws the system's error
 */
export const takeName = (made: string, path: string): boolean => {
  try {
    linkSync(made, path);
    rmSync(made);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutLinks.has(code)) throw error;
  }
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  renameSync(made, path);
  return true;
};

/** What disks and network folders answer that have no hard links. */
const withoutLinks: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EACCES',
  'EMLINK',
  'EISDIR',
]);

/** writeSync may write less than it was given; a single call takes less than 2 GiB. */
export const writeAll = (file: number, bytes: Uint8Array): void => {
  const most = 2 ** 30;
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, Math.min(most, bytes.length - done));
};

/**
 * Makes a folder whole or not at all: `fill` builds it under a temporary name beside the target, which then takes the target's name.
 * An empty target folder counts as absent. One with contents is never replaced: between the two renames that this would take neither stands.
 * @throws WorkbenchError 'conflict' where the target is occupied
 */
export const writeDirectoryWhole = async (
  path: string,
  fill: (temporaryDirectory: string) => void | Promise<void>,
  { mode }: WriteFileOptions = {},
): Promise<void> => {
  refuseOccupied(path);
  const temporary = temporaryName(path);
  try {
    makeFolder(dirname(path));
    mkdirSync(temporary, { mode });
    await fill(temporary);
    syncFolder(temporary);
    refuseOccupied(path);
    moveIntoPlace(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    removeQuietly(temporary);
    throw fileError(namingTarget(error, temporary, path), 'write', path);
  }
};

/**
 * As writeDirectoryWhole, for a folder that is checked before it is there: `make` has a workspace beside the target for whatever else it needs,
 * and all of that is gone afterwards. What `make` leaves in `directory` takes the target's name.
 * @returns what `make` gave
 */
export const makeDirectoryWhole = async <Result>(
  path: string,
  make: (directory: string, workspace: string) => Promise<Result>,
): Promise<Result> => {
  refuseOccupied(path);
  const workspace = temporaryName(path);
  const directory = join(workspace, 'made');
  try {
    makeFolder(dirname(path));
    mkdirSync(workspace);
    const result = await make(directory, workspace);
    syncFolder(directory);
    refuseOccupied(path);
    moveIntoPlace(directory, path);
    syncFolder(dirname(path));
    return result;
  } catch (error) {
    throw fileError(namingTarget(namingTarget(error, directory, path), workspace, path), 'write', path);
  } finally {
    removeQuietly(workspace);
  }
};

/**
 * Gives a folder that is whole, and was made under a temporary name beside it, its own.
 * @throws WorkbenchError naming the path
 */
export const moveWhole = (made: string, path: string): void => {
  try {
    refuseOccupied(path);
    syncFolder(made);
    moveIntoPlace(made, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw fileError(error, 'write', path);
  }
};

const moveIntoPlace = (made: string, path: string): void => {
  if (existsSync(path)) rmdirSync(path); // Windows renames onto no folder, be it empty
  renameSync(made, path);
};

/** What was left behind, beside a file or folder, of attempts to write it whole that were broken off. */
export const unfinishedBeside = (path: string): string[] => {
  const [folder, name] = [dirname(path), basename(path)];
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => unfinishedOf(entry) === name)
    .map((entry) => join(folder, entry));
};

/** What a temporary name is for; undefined for any other name. */
export const unfinishedOf = (name: string): string | undefined =>
  /^\.(.+)\.[0-9a-f]{12}\.partial$/s.exec(name)?.[1];

/** A person knows the target, not the temporary folder that an error within it names. */
const namingTarget = (error: unknown, temporary: string, path: string): unknown => {
  if (!(error instanceof WorkbenchError)) return error;
  return new WorkbenchError(error.code, error.message.replaceAll(temporary, path), { cause: error });
};

const refuseOccupied = (path: string): void => {
  if (!existsSync(path)) return;
  if (!lstatSync(path).isDirectory())
    throw new WorkbenchError('conflict', `${path}: a file is in the way of the folder to be written`);
  if (readdirSync(path).length > 0)
    throw new WorkbenchError('conflict', `${path}: the folder exists and is not empty`);
};

/** What could not be made can't be removed either, and the first error is the one that tells. */
const removeQuietly = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // said already
  }
};

/** Beside the target, so that renaming never crosses file systems; unlike any other, and told from them by `unfinishedOf`. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.partial`);
