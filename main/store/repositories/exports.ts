import type { Database } from 'better-sqlite3';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import { mapTable } from '../table-mapping.ts';

interface ExportColumns {
  readonly id: string;
  readonly adapterId: string;
  readonly kind: string;
  readonly destination: string;
  readonly status: string;
  /** The trainer's summary, JSON. */
  readonly summary: unknown;
  readonly error: string | null;
  /** The files of the model that it was made from; null for exports from before that was kept. */
  readonly modelIdentity: readonly ModelFile[] | null;
  readonly createdAt: string;
}

export interface ExportRecord extends ExportColumns {
  /** Of the run whose adapter it is; null for an imported one's. */
  readonly runId: string | null;
}

export const exportRepository = (database: Database) => {
  const table = mapTable<ExportColumns>(database, 'exports', {
    id: 'plain',
    adapterId: 'plain',
    kind: 'plain',
    destination: 'plain',
    status: 'plain',
    summary: 'json',
    error: 'plain',
    modelIdentity: 'json',
    createdAt: 'plain',
  });
  const joined = `SELECT ${table.columns}, adapters.run_id FROM exports JOIN adapters ON adapters.id = exports.adapter_id`;
  const select = (clause: string, ...values: string[]): ExportRecord[] =>
    database
      .prepare(`${joined} ${clause}`)
      .all(...values)
      .map((row) => ({ ...table.decode(row), runId: (row as { run_id: string | null }).run_id }));
  return {
    insert: table.insert,
    update: table.update,
    list: () => select('ORDER BY exports.created_at DESC, exports.rowid DESC'),
    find: (id: string) => select('WHERE exports.id = ?', id)[0],
    withStatus: (status: string) => select('WHERE exports.status = ? ORDER BY exports.created_at', status),
    ofRun: (runId: string) => select('WHERE adapters.run_id = ? ORDER BY exports.created_at', runId),
    ofAdapter: (adapterId: string) =>
      select('WHERE exports.adapter_id = ? ORDER BY exports.created_at', adapterId),
  };
};
