import { WorkbenchError, type ErrorCode } from '../errors.ts';

/** What was tried on a file: said where permission lacks, or nothing is there. */
export type FileAction = 'read' | 'write';

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string | ((action: FileAction) => string);
}

const full: Meaning = { code: 'no-space', text: 'no space left on the disk; nothing was written' };
const absent: Meaning = {
  code: 'not-found',
  text: (action) => `no such ${action === 'read' ? 'file' : 'folder to write into'}`,
};
const forbidden: Meaning = { code: 'invalid-input', text: (action) => `no permission to ${action}` };
const inTheWay: Meaning = { code: 'invalid-input', text: 'something of that name is in the way' };
const tooMany: Meaning = {
  code: 'conflict',
  text: 'too many files are open; close other programs and try again',
};

/** What the operating system's codes mean to a person. */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  ENOENT: absent,
  ENOTDIR: { code: 'not-found', text: 'a part of the path is a file, not a folder' },
  EISDIR: { code: 'invalid-input', text: 'is a folder, not a file' },
  EEXIST: inTheWay,
  ENOTEMPTY: inTheWay,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: { code: 'invalid-input', text: 'lies on a disk that can only be read' },
  ELOOP: { code: 'invalid-input', text: 'its symbolic links lead in a circle' },
  ENAMETOOLONG: { code: 'invalid-input', text: 'the name is longer than the file system allows' },
  EMFILE: tooMany,
  ENFILE: tooMany,
  EBUSY: { code: 'conflict', text: 'is in use by another program' },
  ETXTBSY: { code: 'conflict', text: 'is in use by another program' },
  EFBIG: { code: 'no-space', text: 'larger than the file system allows' },
  EXDEV: { code: 'unsupported', text: 'lies on another disk' },
  EIO: { code: 'internal', text: 'the disk could not be read or written; it may be damaged' },
  ENODEV: { code: 'invalid-input', text: 'is no file' },
  ENXIO: { code: 'invalid-input', text: 'is no file' },
  ESTALE: { code: 'conflict', text: 'the network folder it lies in is gone' },
  ETIMEDOUT: { code: 'conflict', text: 'the network folder it lies in does not answer' },
  ERR_FS_FILE_TOO_LARGE: { code: 'unsupported', text: 'larger than 2 GiB' },
  ERR_INVALID_ARG_VALUE: { code: 'invalid-input', text: 'is not a path' },
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Calls that change something, by Node's names. */
const writing =
  /^(write|mkdir|mkdtemp|rename|unlink|rmdir|rm|link|symlink|copyfile|f?truncate|fsync|chmod|utime)/;

const network = /^(listen|connect|bind|getaddrinfo|spawn|kill)/;

/**
 * Says in one line what the operating system refused. Errors without a code that a person can act on pass through as they are.
 * @param action what was tried, as in 'read' or 'write'
 */
export const fileError = (error: unknown, action: FileAction, path: string): unknown => {
  if (error instanceof WorkbenchError) return error;
  const meaning = meanings[codeOf(error)];
  if (meaning === undefined) return error;
  const text = typeof meaning.text === 'string' ? meaning.text : meaning.text(action);
  return new WorkbenchError(meaning.code, `${path}: ${text}`, { cause: error });
};

/** The same for an error that nobody expected: it names its own file. Null for one of another kind. */
export const explainFileError = (error: unknown): WorkbenchError | null => {
  if (!(error instanceof Error)) return null;
  const { syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (syscall === undefined || network.test(syscall)) return null;
  const action = writing.test(syscall) ? 'write' : 'read';
  const explained = fileError(error, action, dest ?? path ?? 'a file');
  return explained instanceof WorkbenchError ? explained : null;
};
