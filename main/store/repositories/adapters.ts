import type { Database } from 'better-sqlite3';
import type { PortablePaths } from '../portable-paths.ts';
import { mapTable } from '../table-mapping.ts';

interface AdapterColumns {
  readonly id: string;
  readonly runId: string;
  readonly name: string;
  readonly method: string;
  readonly directory: string;
  readonly trainedParameters: number;
  readonly createdAt: string;
}

export interface AdapterRecord extends AdapterColumns {
  readonly experimentId: string;
}

export const adapterRepository = (database: Database, paths: PortablePaths) => {
  const table = mapTable<AdapterColumns>(database, 'adapters', {
    id: 'plain',
    runId: 'plain',
    name: 'plain',
    method: 'plain',
    directory: 'plain',
    trainedParameters: 'plain',
    createdAt: 'plain',
  });
  const joined = `SELECT ${table.columns}, configurations.experiment_id FROM adapters
    JOIN runs ON runs.id = adapters.run_id JOIN configurations ON configurations.id = runs.configuration_id`;
  const decode = (row: unknown): AdapterRecord => {
    const columns = table.decode(row);
    const { experiment_id: experimentId } = row as { experiment_id: string };
    return { ...columns, directory: paths.fromStored(columns.directory), experimentId };
  };
  return {
    insert: (adapter: AdapterColumns): void =>
      table.insert({ ...adapter, directory: paths.toStored(adapter.directory) }),
    list: (): AdapterRecord[] =>
      database.prepare(`${joined} ORDER BY adapters.created_at DESC, adapters.rowid DESC`).all().map(decode),
    ofRun: (runId: string): AdapterRecord | undefined => {
      const row = database.prepare(`${joined} WHERE adapters.run_id = ?`).get(runId);
      return row === undefined ? undefined : decode(row);
    },
  };
};
