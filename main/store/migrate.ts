import type { Database } from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { runApart } from './apart.ts';
import { copyLibrary } from './library-copies.ts';
import { migrations as released } from './migrations/index.ts';

/** The database's version: how many migrations it has seen. */
const versionOf = (database: Database): number => database.pragma('user_version', { simple: true }) as number;

/** Whether it is as this release keeps it. */
export const isMigrated = (database: Database, migrations = released): boolean =>
  versionOf(database) >= migrations.length;

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
  if (isMigrated(database, migrations)) return;
  database
    .transaction(() => {
      // Read again: another process may have migrated while this one waited for the write lock.
      for (const sql of migrations.slice(versionOf(database))) database.exec(sql);
      database.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
};

/** As `migrate`, on a thread of its own, for a file that nobody else has open: a large library takes seconds. */
export const migrateApart = async (file: string): Promise<void> => {
  const [rows] = await runApart(file, [{ sql: 'PRAGMA user_version' }]);
  const version = rows![0]!['user_version'] as number;
  if (version >= released.length) return;
  await runApart(
    file,
    [
      { sql: 'BEGIN IMMEDIATE' },
      ...released.slice(version).map((sql) => ({ sql, isScript: true as const })),
      { sql: `PRAGMA user_version = ${released.length}` },
      { sql: 'COMMIT' },
    ],
    { readonly: false },
  );
};

/**
 * As `migrate`, for a library that somebody has work in: a copy of it as it is comes first, and its place is named where a migration fails.
 */
export const migrateWithCopy = (database: Database, directory: string, migrations = released): void => {
  const version = versionOf(database);
  if (version >= migrations.length) return;
  const copy = copyLibrary(database, directory);
  try {
    migrate(database, migrations);
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    // What a person can put right (a full disk, a lock) has its own words.
    if (code !== 'SQLITE_ERROR' && !code.startsWith('SQLITE_CONSTRAINT')) throw error;
    throw new WorkbenchError(
      'internal',
      `${directory} could not be brought from data version ${version} to ${migrations.length} (${message}); nothing in it has changed, the release that wrote it still opens it, and ${copy} is a copy`,
      { cause: error },
    );
  }
};
