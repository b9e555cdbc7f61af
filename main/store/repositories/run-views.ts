import type { Database } from 'better-sqlite3';
import { mapTable } from '../table-mapping.ts';

export interface RunViewRecord {
  readonly id: string;
  readonly name: string;
  /** JSON. */
  readonly definition: unknown;
  readonly createdAt: string;
}

export const runViewRepository = (database: Database) => {
  const table = mapTable<RunViewRecord>(database, 'run_views', {
    id: 'plain',
    name: 'plain',
    definition: 'json',
    createdAt: 'plain',
  });
  return {
    insert: table.insert,
    update: table.update,
    /** By name. */
    list: (): RunViewRecord[] => table.select('ORDER BY name'),
    find: (id: string): RunViewRecord | undefined => table.select('WHERE id = ?', id)[0],
    /** Whatever the case of its letters. */
    withName: (name: string): RunViewRecord | undefined => table.select('WHERE name = ?', name)[0],
    remove: (id: string): void => void database.prepare('DELETE FROM run_views WHERE id = ?').run(id),
  };
};
