import type { Database } from 'better-sqlite3';
import { mapTable } from '../table-mapping.ts';

export interface ExportRecord {
  readonly id: string;
  readonly runId: string;
  readonly kind: string;
  readonly destination: string;
  readonly status: string;
  /** The trainer's summary, JSON. */
  readonly summary: unknown;
  readonly error: string | null;
  readonly createdAt: string;
}

export const exportRepository = (database: Database) => {
  const table = mapTable<ExportRecord>(database, 'exports', {
    id: 'plain',
    runId: 'plain',
    kind: 'plain',
    destination: 'plain',
    status: 'plain',
    summary: 'json',
    error: 'plain',
    createdAt: 'plain',
  });
  return {
    insert: table.insert,
    update: table.update,
    list: () => table.select('ORDER BY created_at DESC, rowid DESC'),
    find: (id: string) => table.select('WHERE id = ?', id)[0],
    withStatus: (status: string) => table.select('WHERE status = ? ORDER BY created_at', status),
    ofRun: (runId: string) => table.select('WHERE run_id = ? ORDER BY created_at', runId),
  };
};
