import { open } from 'node:fs/promises';
import type { Database } from 'better-sqlite3';
import { fileError } from '../engine/formats/file-errors.ts';

/** Has what was written to a file on the disk for good; one that is not there holds nothing. */
const synchronise = async (path: string): Promise<void> => {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  try {
    await file?.datasync();
  } finally {
    await file?.close();
  }
};

/**
 * A library that is written ahead (WAL, synchronous = NORMAL) is not synchronised at each transaction: a power cut leaves it sound without the last
 * ones. Waiting for the disk at each would hold up everybody (2 ms, 35 at worst), so the log is synchronised apart, and only
 * whoever asked for a change waits for it.
 * @param file of the database
 * @returns resolves once all that this connection has written so far outlasts a power cut
 */
export const settling = (
  database: Database,
  file: string,
  synchroniseFile: (path: string) => Promise<void> = synchronise,
): (() => Promise<void>) => {
  const countChanges = database.prepare('SELECT total_changes()').pluck();
  let settled = countChanges.get() as number;
  let underWay = Promise.resolve();
  return async () => {
    const changes = countChanges.get() as number;
    if (changes === settled) return underWay;
    settled = changes;
    underWay = synchroniseFile(`${file}-wal`).catch((error: unknown) => {
      settled = Number.NaN;
      throw fileError(error, 'write', file);
    });
    return underWay;
  };
};
