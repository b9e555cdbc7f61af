import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { WorkbenchError } from '../engine/errors.ts';
import { fileError } from '../engine/formats/file-errors.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** SQLite calls some of its failed writes (of the -shm file) an I/O error, whatever the reason. */
const isFull = (file: string): boolean => {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize < 65_536;
};

/** SQLite's and the file system's errors that a person can do something about, in one line that names the file. */
export const translateStoreError = (error: unknown, file: string): unknown => {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const workbenchError = (
    kind: ConstructorParameters<typeof WorkbenchError>[0],
    text: string,
  ): WorkbenchError => new WorkbenchError(kind, text, { cause: error });

  if (
    code === 'SQLITE_FULL' ||
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    (code.startsWith('SQLITE_IOERR') && isFull(file))
  )
    return workbenchError('no-space', `${file}: the disk is full; free some space and try again`);
  if (code === 'SQLITE_NOTADB')
    return workbenchError('invalid-input', `${file} is not a NoRA Workbench database`);
  if (code.startsWith('SQLITE_CORRUPT'))
    return workbenchError(
      'invalid-input',
      `${file} is damaged; put a copy of it in its place, or move it away to begin anew`,
    );
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return workbenchError('conflict', `${file} is in use by another program; try again in a moment`);
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code === 'SQLITE_AUTH')
    return workbenchError(
      'invalid-input',
      `${file} cannot be written; see that it and its folder may be written to, and that it has not been moved`,
    );
  if (code.startsWith('SQLITE_CANTOPEN') || message.startsWith('Cannot open database'))
    return workbenchError(
      'invalid-input',
      isFolder(file)
        ? `${file}: is a folder, not a file`
        : `${file} cannot be opened or made; see that its folder is there and may be written to`,
    );
  if (code === 'SQLITE_NOMEM') return workbenchError('internal', `${file}: the memory ran out`);
  if (code.startsWith('SQLITE_IOERR'))
    return workbenchError('internal', `${file} cannot be read or written; its disk may be damaged or gone`);
  if (code.startsWith('SQLITE_PROTOCOL') || code === 'SQLITE_NOLFS')
    return workbenchError(
      'unsupported',
      `${file} lies on a disk that cannot lock files, as some network folders`,
    );
  return fileError(error, 'write', file);
};

/** The same functions, with their errors translated. */
export const withTranslatedErrors = <Functions extends Record<string, (...parameters: never[]) => unknown>>(
  functions: Functions,
  file: string,
): Functions => {
  const translated = Object.entries(functions).map(([name, call]) => [
    name,
    (...parameters: never[]) => {
      try {
        return call(...parameters);
      } catch (error) {
        throw translateStoreError(error, file);
      }
    },
  ]);
  return Object.fromEntries(translated) as Functions;
};
