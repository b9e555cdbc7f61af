import { invalidInput, WorkbenchError } from '../errors.ts';

/**
 * Says in one line what the operating system refused. Errors without a code that a person can act on pass through as they are.
 * @param action what was tried, as in 'read' or 'write'
 */
export function fileError(error: unknown, action: 'read' | 'write', path: string): unknown {
  if (error instanceof WorkbenchError) return error;
  const cause = { cause: error };
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new WorkbenchError('no-space', `${path}: no space left on the disk; nothing was written`, cause);
    case 'ENOENT':
    case 'ENOTDIR':
      return new WorkbenchError(
        'not-found',
        `${path}: no such ${action === 'read' ? 'file' : 'folder to write into'}`,
        cause,
      );
    case 'EISDIR':
      return invalidInput(`${path}: is a folder, not a file`, cause);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return invalidInput(`${path}: no permission to ${action}`, cause);
    case 'ERR_FS_FILE_TOO_LARGE':
      return new WorkbenchError('unsupported', `${path}: larger than 2 GiB`, cause);
    default:
      return error;
  }
}
