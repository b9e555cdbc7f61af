import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { fileError } from './file-errors.ts';

/** Bytes of a file that is read whole, unless its reader says less. Published tokenizer.json files take up to 40 MB. */
export const mostBytesAtOnce = 256 * 2 ** 20;

/**
 * Opens for reading what a person named: a regular file, behind links if it is. A named pipe would wait for its writer, and a device has no
 * end, so neither is opened for longer than it takes to see what it is.
 * @returns the descriptor, for the caller to close
 * @throws WorkbenchError naming the path: 'not-found', 'invalid-input' for what is no regular file or may not be read
 */
export const openRegularFile = (path: string): number => {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | withoutWaiting);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  const found = fstatSync(file);
  if (found.isFile()) return file;
  closeSync(file);
  throw invalidInput(`${path}: is ${kindOf(found)}, not a file`);
};

/** Opens a regular file, and closes it when the work is done. Errors of the system name the path. */
export const withRegularFile = <Result>(path: string, work: (file: number) => Result): Result => {
  const file = openRegularFile(path);
  try {
    return work(file);
  } catch (error) {
    throw fileError(error, 'read', path);
  } finally {
    closeSync(file);
  }
};

/**
 * A regular file's bytes, as many as it had when it was opened.
 * @param most the largest size that is read, in bytes
 * @throws WorkbenchError as openRegularFile, and 'unsupported' for a larger file
 */
export const readRegularFile = (path: string, most = mostBytesAtOnce): Buffer =>
  withRegularFile(path, (file) => {
    const { size } = fstatSync(file);
    if (size > most)
      throw new WorkbenchError(
        'unsupported',
        `${path}: has ${inMegabytes(size)}; a file of this kind may have ${inMegabytes(most)}`,
      );
    return readBytesAt(file, Buffer.allocUnsafeSlow(size), 0, path);
  });

/** Fills `target` from a position in the file. @throws WorkbenchError naming the path where the file ends before */
export const readBytesAt = <Target extends Uint8Array>(
  file: number,
  target: Target,
  position: number,
  path: string,
): Target => {
  const most = 2 ** 30;
  for (let done = 0; done < target.length;) {
    let count: number;
    try {
      count = readSync(file, target, done, Math.min(most, target.length - done), position + done);
    } catch (error) {
      throw fileError(error, 'read', path);
    }
    if (count === 0)
      throw invalidInput(`${path}: truncated: it ended at byte ${position + done} while being read`);
    done += count;
  }
  return target;
};

/** Windows has neither pipes nor devices among its folders, nor these flags. */
const withoutWaiting = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const kindOf = (found: Stats): string => {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
};

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
