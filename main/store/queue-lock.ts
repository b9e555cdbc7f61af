import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { translateStoreError } from './store-errors.ts';

/** Which process may run a data directory's queue. */
export interface QueueLock {
  /** Takes the lock if it is free; true when this process holds it. */
  acquire(): boolean;
  readonly held: boolean;
  /** Process id of the last holder, for messages. */
  holder(): number | null;
  /** Gives the lock back. */
  close(): void;
}

/** Locks that are held stay reachable from here: the collector would close a database nobody refers to, and give its lock back. */
const heldDatabases = new Set<Sqlite.Database>();

const openLockFile = (file: string): Sqlite.Database => {
  try {
    return new Sqlite(file, { timeout: 0 });
  } catch (error) {
    throw translateStoreError(error, file);
  }
};

/**
 * A lock that can't go stale: the holder keeps a write transaction open on a small database of its own, so the operating system
 * gives the lock back however the holder ends. Readers still read who that is.
 */
export const openQueueLock = (directory: string): QueueLock => {
  const file = join(directory, 'queue-lock.sqlite');
  const database = openLockFile(file);
  let held = false;

  const acquire = (): boolean => {
    if (held) return true;
    try {
      // Two writers can't both get past this; the second transaction is the one that is kept open.
      database.exec(
        'BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (process INTEGER NOT NULL); DELETE FROM holder;',
      );
      database.prepare('INSERT INTO holder VALUES (?)').run(process.pid);
      database.exec('COMMIT; BEGIN IMMEDIATE;');
      held = true;
      heldDatabases.add(database);
      return true;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return false;
      throw translateStoreError(error, file);
    }
  };

  return {
    acquire,
    get held() {
      return held;
    },
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
