import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { makeLockFile } from './make-lock-file.ts';

/** A lock that one process at a time can hold. */
export interface ProcessLock {
  readonly file: string;
  /** Takes the lock if it is free; true when it is held from here. */
  acquire(): boolean;
  /** The same without a word of who holds it: nothing is written, so it can be had on a disk that is full. */
  acquireUnsigned(): boolean;
  readonly held: boolean;
  /** Whether the file that was locked still stands under its name: whoever removes the folder has others lock another one. */
  isInPlace(): boolean;
  /** Process id of the last holder, for messages. */
  holder(): number | null;
  /** Gives the lock back. */
  close(): void;
}

/** Locks that are held stay reachable from here: the collector would close a database nobody refers to, and give its lock back. */
const heldDatabases = new Set<Sqlite.Database>();

const isBusy = (error: unknown): boolean =>
  (error as { code?: string }).code?.startsWith('SQLITE_BUSY') ?? false;

const inodeOf = (file: string): bigint | undefined =>
  statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;

/**
 * A lock that can't go stale: the holder keeps a write transaction open on a small database of its own, so the operating system
 * gives the lock back however the holder ends. Readers still read who that is.
 * @param file made where it isn't there
 * @throws SQLite's errors as they are, here and from `acquire`
 */
export const openProcessLock = (file: string): ProcessLock => {
  makeLockFile(file);
  const database = new Sqlite(file, { timeout: 0 });
  let held = false;
  let inode: bigint | undefined;

  const sign = (): void => {
    // Two writers can't both get past this.
    database.exec(
      'BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (process INTEGER NOT NULL); DELETE FROM holder;',
    );
    database.prepare('INSERT INTO holder VALUES (?)').run(process.pid);
    database.exec('COMMIT');
  };

  const take = (before: () => void): boolean => {
    if (held) return true;
    try {
      before();
      // The transaction that is kept open.
      database.exec('BEGIN IMMEDIATE');
      held = true;
      inode = inodeOf(file);
      heldDatabases.add(database);
      return true;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      if (isBusy(error)) return false;
      throw error;
    }
  };

  return {
    file,
    acquire: () => take(sign),
    acquireUnsigned: () => take(() => undefined),
    get held() {
      return held;
    },
    isInPlace: () => inode !== undefined && inodeOf(file) === inode,
    holder: () => {
      try {
        return (database.prepare('SELECT process FROM holder').pluck().get() as number | undefined) ?? null;
      } catch {
        return null; // being written at this moment, or never written
      }
    },
    close: () => {
      held = false;
      heldDatabases.delete(database);
      database.close();
    },
  };
};
