import type { Database } from 'better-sqlite3';
import { mapTable } from '../table-mapping.ts';

export interface ExperimentRecord {
  readonly id: string;
  readonly name: string;
  /** The experiment definition as it was asked for, JSON. */
  readonly definition: unknown;
  readonly modelId: string;
  readonly datasetId: string;
  readonly createdAt: string;
}

export interface ConfigurationRecord {
  readonly id: string;
  readonly experimentId: string;
  /** Its place in the definition, from 0. */
  readonly position: number;
  /** One entry of the definition's configurations, JSON. */
  readonly settings: unknown;
}

export const experimentRepository = (database: Database) => {
  const table = mapTable<ExperimentRecord>(database, 'experiments', {
    id: 'plain',
    name: 'plain',
    definition: 'json',
    modelId: 'plain',
    datasetId: 'plain',
    createdAt: 'plain',
  });
  const configurations = mapTable<ConfigurationRecord>(database, 'configurations', {
    id: 'plain',
    experimentId: 'plain',
    position: 'plain',
    settings: 'json',
  });
  const runIds = database
    .prepare(
      `SELECT runs.id FROM runs JOIN configurations ON configurations.id = runs.configuration_id
        WHERE configurations.experiment_id = ?`,
    )
    .pluck();
  return {
    insert: table.insert,
    insertConfiguration: configurations.insert,
    /** Newest first. */
    onModel: (modelId: string) =>
      table.select('WHERE model_id = ? AND removal IS NULL ORDER BY rowid DESC', modelId),
    /** By id, or the newest of that name. */
    find: (idOrName: string) =>
      table.select(
        `WHERE @key IN (id, name) AND removal IS NULL ORDER BY id = @key DESC, rowid DESC LIMIT 1`,
        { key: idOrName },
      )[0],
    /** Names of the experiments on a model or dataset, newest first. */
    namesUsing: (column: 'modelId' | 'datasetId', id: string) =>
      table
        .select(
          `WHERE ${column === 'modelId' ? 'model_id' : 'dataset_id'} = ? AND removal IS NULL ORDER BY rowid DESC`,
          id,
        )
        .map(({ name }) => name),
    /** Of all its runs, also those that are removed and may come back. */
    runIds: (id: string): string[] => runIds.all(id) as string[],
    /** Takes its configurations, runs and all they hold with it. */
    remove: (id: string) => void database.prepare('DELETE FROM experiments WHERE id = ?').run(id),
  };
};
