import type { Database } from 'better-sqlite3';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import { readPage } from '../pages.ts';
import type { PageRequest } from '../pages.ts';
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

export interface ExportsRequest extends PageRequest {
  /** Of adapters of its runs. */
  readonly experimentId?: string | undefined;
  /** Only of adapters that were imported, or only of those of runs. */
  readonly imported?: boolean | undefined;
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
  const columns = `${table.columns}, adapters.run_id`;
  const from = `exports JOIN adapters ON adapters.id = exports.adapter_id
    LEFT JOIN runs ON runs.id = adapters.run_id`;
  const joined = `SELECT ${columns} FROM ${from}`;
  const decode = (row: unknown): ExportRecord => ({
    ...table.decode(row),
    runId: (row as { run_id: string | null }).run_id,
  });
  const select = (clause: string, ...values: string[]): ExportRecord[] =>
    database
      .prepare(`${joined} ${clause}`)
      .all(...values)
      .map(decode);
  return {
    insert: table.insert,
    update: table.update,
    /** Newest first. */
    page: ({ experimentId, imported, ...request }: ExportsRequest) =>
      readPage<ExportRecord>(
        database,
        {
          columns,
          from,
          where: [
            'runs.removal IS NULL',
            ...(experimentId === undefined
              ? []
              : [
                  `runs.configuration_id IN
                    (SELECT id FROM configurations WHERE experiment_id = @experimentId)`,
                ]),
            ...(imported === undefined ? [] : [`adapters.run_id IS ${imported ? '' : 'NOT '}NULL`]),
          ],
          values: experimentId === undefined ? {} : { experimentId },
          key: null,
          rowid: 'exports.rowid',
          descending: true,
          decode,
        },
        request,
      ),
    find: (id: string) => select('WHERE exports.id = ?', id)[0],
    withStatus: (status: string) => select('WHERE exports.status = ? ORDER BY exports.rowid', status),
    /** Where any was written, each once. */
    destinations: (): string[] =>
      database.prepare('SELECT DISTINCT destination FROM exports').pluck().all() as string[],
    ofRun: (runId: string) => select('WHERE adapters.run_id = ? ORDER BY exports.rowid', runId),
    ofAdapter: (adapterId: string) =>
      select('WHERE exports.adapter_id = ? ORDER BY exports.rowid', adapterId),
  };
};
