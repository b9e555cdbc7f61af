import type { Database } from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { migrations as released } from './migrations/index.ts';

/** The database's version: how many migrations it has seen. */
const versionOf = (database: Database): number => database.pragma('user_version', { simple: true }) as number;

/** Refuses a data directory of a newer release. Reads only. */
export const refuseNewerVersion = (database: Database, directory: string, migrations = released): void => {
  const version = versionOf(database);
  if (version <= migrations.length) return;
  throw new WorkbenchError(
    'newer-version',
    `${directory} was written by a newer NoRA Workbench (data version ${version}; this release reads up to ${migrations.length})`,
  );
};

/** Brings a database to this release's version, all in one transaction. */
export const migrate = (database: Database, migrations = released): void => {
  if (versionOf(database) >= migrations.length) return;
  database
    .transaction(() => {
      // Read again: another process may have migrated while this one waited for the write lock.
      for (const sql of migrations.slice(versionOf(database))) database.exec(sql);
      database.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
};
