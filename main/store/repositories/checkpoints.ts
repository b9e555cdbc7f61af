import type { Database } from 'better-sqlite3';
import type { PortablePaths } from '../portable-paths.ts';

export interface CheckpointRecord {
  readonly runId: string;
  /** Optimizer steps done. */
  readonly step: number;
  readonly directory: string;
  readonly createdAt: string;
}

export const checkpointRepository = (database: Database, paths: PortablePaths) => {
  const insert = database.prepare(
    'INSERT OR REPLACE INTO checkpoints (run_id, step, directory, created_at) VALUES (?, ?, ?, ?)',
  );
  const columns = 'SELECT run_id AS runId, step, directory, created_at AS createdAt FROM checkpoints';
  const decode = (record: CheckpointRecord): CheckpointRecord => ({
    ...record,
    directory: paths.fromStored(record.directory),
  });
  const ofRun = database.prepare(`${columns} WHERE run_id = ? ORDER BY step DESC`);
  return {
    insert: ({ runId, step, directory, createdAt }: CheckpointRecord): void =>
      void insert.run(runId, step, paths.toStored(directory), createdAt),
    /** Latest first. */
    ofRun: (runId: string): CheckpointRecord[] => (ofRun.all(runId) as CheckpointRecord[]).map(decode),
    all: (): CheckpointRecord[] =>
      (database.prepare(`${columns} ORDER BY run_id, step`).all() as CheckpointRecord[]).map(decode),
    removeAll: (runId: string): void =>
      void database.prepare('DELETE FROM checkpoints WHERE run_id = ?').run(runId),
  };
};
