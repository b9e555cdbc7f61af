import Sqlite from 'better-sqlite3';
import { makeLockFile } from './make-lock-file.ts';

/** A lock that many processes can hold at once, or one alone. */
export interface SharedLock {
  /** Takes it beside others who share it; true when it is held from here. */
  share(): boolean;
  /** Takes it if nobody else has it; true when it is held from here. */
  exclude(): boolean;
  release(): void;
  close(): void;
}

/** As in process-lock.ts: the collector must not close what is held. */
const openDatabases = new Set<Sqlite.Database>();

/**
 * Can't go stale: the holder keeps a transaction open on a small database of its own, which reads where the lock is shared and would write where
 * it is not, so the operating system gives the lock back however the holder ends. Nothing is ever written to it.
 * @param file made where it isn't there
 * @throws SQLite's errors as they are, here and from `share` and `exclude`
 */
export const openSharedLock = (file: string): SharedLock => {
  makeLockFile(file);
  const database = new Sqlite(file, { timeout: 0 });
  openDatabases.add(database);
  const release = (): void => {
    if (database.inTransaction) database.exec('COMMIT');
  };
  const take = (sql: string): boolean => {
    release();
    try {
      database.exec(sql);
      return true;
    } catch (error) {
      release();
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY') === true) return false;
      throw error;
    }
  };
  return {
    share: () => take('BEGIN; SELECT count(*) FROM sqlite_schema;'),
    exclude: () => take('BEGIN EXCLUSIVE'),
    release,
    close: () => {
      openDatabases.delete(database);
      database.close();
    },
  };
};
