import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFileWhole } from './atomic-file.ts';
import { sha256OfFileSync } from './file-hash.ts';

/** Where the SHA-256 of a file stands that was written with it. */
export const sumFileOf = (path: string): string => `${path}.sha256`;

/** What a process has read and found whole once is not read again while the system says that it is as it was. */
const checked = new Map<string, string>();

const stampOf = (path: string): string => {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path);
  return [size, mtimeMs, ctimeMs, ino].join();
};

const isWhole = (path: string): boolean => {
  const stamp = stampOf(path);
  if (checked.get(path) === stamp) return true;
  const sum = existsSync(sumFileOf(path)) ? readFileSync(sumFileOf(path), 'utf8').trim() : null;
  if (sha256OfFileSync(path) !== sum) return false;
  checked.set(path, stamp);
  return true;
};

/**
 * A file that can be made again at any time: it counts only as long as it holds, byte for byte, what was written. Anything else in its
 * place (damaged, cut off, put there by somebody, without its sum) is made anew.
 * @param make writes the file whole or not at all
 * @returns whether what was there did not count
 */
export const makeUnlessWhole = (path: string, make: () => void): { readonly wasDamaged: boolean } => {
  const isThere = existsSync(path);
  if (isThere && isWhole(path)) return { wasDamaged: false };
  make();
  writeFileWhole(sumFileOf(path), `${sha256OfFileSync(path)}\n`);
  checked.set(path, stampOf(path));
  return { wasDamaged: isThere };
};
