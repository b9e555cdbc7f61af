import { fstatSync, readSync } from 'node:fs';
import { WorkbenchError } from '../../errors.ts';
import { withRegularFile } from '../../formats/regular-file.ts';

/** Bytes that are read in parts, so that a file need not fit into memory. */
export interface ByteSource {
  /** The file's size in bytes. */
  readonly size: number;
  /**
   * A part, cut off where the source ends.
   * @throws WorkbenchError where the file is not what it was when it was opened
   */
  read(offset: number, length: number): Uint8Array;
}

export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

/** A file, opened anew for each part: nothing has to be closed, and one that was replaced or written to meanwhile is noticed. */
export const fileSource = (path: string): ByteSource => {
  const opened = withRegularFile(path, describe);
  const assertSame = (found: FileState): void => {
    if (found.size !== opened.size || found.modified !== opened.modified || found.inode !== opened.inode)
      throw new WorkbenchError('conflict', `${path}: was changed while it was being read`);
  };
  return {
    size: opened.size,
    read: (offset, length) =>
      withRegularFile(path, (file) => {
        assertSame(describe(file));
        const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, opened.size - offset)));
        for (let at = 0; at < bytes.length;) {
          const count = readSync(file, bytes, at, bytes.length - at, offset + at);
          if (count === 0)
            throw new WorkbenchError('conflict', `${path}: became shorter while it was being read`);
          at += count;
        }
        assertSame(describe(file));
        return bytes;
      }),
  };
};

interface FileState {
  readonly size: number;
  /** When the file last changed, in nanoseconds. */
  readonly modified: bigint;
  readonly inode: bigint;
}

const describe = (file: number): FileState => {
  const { size, mtimeNs, ino } = fstatSync(file, { bigint: true });
  return { size: Number(size), modified: mtimeNs, inode: ino };
};
