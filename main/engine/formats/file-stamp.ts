import { statSync } from 'node:fs';
import type { FileStamp } from './model-file-schema.ts';

/** Times of files are kept in steps of up to two seconds (FAT). */
const coarsestMilliseconds = 2000;

/** Of the file itself where `path` is a link to it, as in the Hub's cache. */
export const stampOf = (path: string): FileStamp => {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path);
  return { bytes: size, modified: mtimeMs, changed: ctimeMs, inode: ino };
};

export const isSameStamp = (a: FileStamp, b: FileStamp): boolean =>
  a.bytes === b.bytes && a.modified === b.modified && a.changed === b.changed && a.inode === b.inode;

/** Whether a file was written so long before a moment (milliseconds since 1970) that a write after it has another stamp. */
export const isSettled = ({ modified, changed }: FileStamp, moment: number): boolean =>
  Math.max(modified, changed) < moment - coarsestMilliseconds;
