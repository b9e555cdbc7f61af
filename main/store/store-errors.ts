import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { WorkbenchError } from '../engine/errors.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

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
    return workbenchError('invalid-input', `${file} is damaged: ${message}`);
  if (code.startsWith('SQLITE_BUSY'))
    return workbenchError('conflict', `${file} is in use by another program; try again in a moment`);
  if (code.startsWith('SQLITE_READONLY') || code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return workbenchError('invalid-input', `${file} cannot be written: ${message}`);
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR')
    return workbenchError('invalid-input', `${file} cannot be opened: ${message}`);
  if (code.startsWith('SQLITE_IOERR'))
    return workbenchError('internal', `${file} cannot be read or written: ${message}`);
  return error;
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
