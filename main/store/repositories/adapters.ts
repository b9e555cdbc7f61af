import type { Database } from 'better-sqlite3';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import type { ObjectiveName } from '../../engine/objective-names.ts';
import type { PortablePaths } from '../portable-paths.ts';
import { readPage } from '../pages.ts';
import type { PageRequest, RecordPage } from '../pages.ts';
import { mapTable } from '../table-mapping.ts';
import { anywhere } from './experiment-summaries.ts';

interface AdapterColumns {
  readonly id: string;
  /** Null where it was imported. */
  readonly runId: string | null;
  /** Null where it is a run's, whose experiment has the model. */
  readonly modelId: string | null;
  readonly name: string;
  readonly method: string;
  /** Null where it is a run's, whose configuration has them. */
  readonly settings: unknown;
  readonly directory: string;
  /** The folder that it was imported from. */
  readonly source: string | null;
  /** What it is the sum of; null for all others. */
  readonly parts: unknown;
  readonly trainedParameters: number;
  /** The files of the model that it was imported for; null where it is a run's, which has them. */
  readonly modelIdentity: readonly ModelFile[] | null;
  readonly createdAt: string;
}

export interface AdapterRecord extends Omit<AdapterColumns, 'modelId'> {
  /** Null where it was imported. */
  readonly experimentId: string | null;
  readonly experimentName: string | null;
  readonly modelId: string;
  readonly modelName: string;
  /** What the model is trained for. */
  readonly objective: ObjectiveName;
}

export interface AdaptersRequest extends PageRequest {
  readonly experimentId?: string | undefined;
  readonly modelId?: string | undefined;
  /** Only those that were imported, or only those of runs. */
  readonly imported?: boolean | undefined;
  /** In its name, or its experiment's or model's. */
  readonly search?: string | undefined;
}

type OfARun = Omit<
  AdapterColumns,
  'modelId' | 'modelIdentity' | 'settings' | 'source' | 'parts' | 'runId'
> & {
  readonly runId: string;
};

interface JoinedRow {
  readonly experiment_id: string | null;
  readonly experiment_name: string | null;
  readonly its_model: string;
  readonly model_name: string;
  readonly model_objective: ObjectiveName;
  readonly its_settings: string;
  readonly its_identity: string | null;
}

const foundInNames = String.raw`(adapters.name LIKE @search ESCAPE '\' OR experiments.name LIKE @search ESCAPE '\'
  OR models.name LIKE @search ESCAPE '\')`;

export const adapterRepository = (database: Database, paths: PortablePaths) => {
  const table = mapTable<AdapterColumns>(database, 'adapters', {
    id: 'plain',
    runId: 'plain',
    modelId: 'plain',
    name: 'plain',
    method: 'plain',
    settings: 'json',
    directory: 'plain',
    source: 'plain',
    parts: 'json',
    trainedParameters: 'plain',
    modelIdentity: 'json',
    createdAt: 'plain',
  });
  const columns = `${table.columns}, configurations.experiment_id, experiments.name AS experiment_name,
      models.id AS its_model, models.name AS model_name, models.objective AS model_objective,
      coalesce(adapters.model_identity, runs.model_identity) AS its_identity,
      coalesce(adapters.settings, json_extract(configurations.settings, '$.adapter')) AS its_settings`;
  const from = `adapters LEFT JOIN runs ON runs.id = adapters.run_id
    LEFT JOIN configurations ON configurations.id = runs.configuration_id
    LEFT JOIN experiments ON experiments.id = configurations.experiment_id
    JOIN models ON models.id = coalesce(adapters.model_id, experiments.model_id)`;
  const joined = `SELECT ${columns} FROM ${from}`;
  const decode = (row: unknown): AdapterRecord => {
    const own = table.decode(row);
    const joinedRow = row as JoinedRow;
    const { its_settings: settings, its_identity: identity } = joinedRow;
    return {
      ...own,
      directory: paths.fromStored(own.directory),
      experimentId: joinedRow.experiment_id,
      experimentName: joinedRow.experiment_name,
      modelId: joinedRow.its_model,
      modelName: joinedRow.model_name,
      objective: joinedRow.model_objective,
      settings: JSON.parse(settings) as unknown,
      modelIdentity: identity === null ? null : (JSON.parse(identity) as ModelFile[]),
    };
  };
  const insert = (adapter: AdapterColumns): void =>
    table.insert({ ...adapter, directory: paths.toStored(adapter.directory) });
  const one = (clause: string, value: string): AdapterRecord | undefined => {
    const row = database.prepare(`${joined} WHERE runs.removal IS NULL AND ${clause}`).get({ value });
    return row === undefined ? undefined : decode(row);
  };
  return {
    /** A run's. */
    insert: (adapter: OfARun): void =>
      insert({ ...adapter, modelId: null, modelIdentity: null, settings: null, source: null, parts: null }),
    insertImported: (adapter: Omit<AdapterColumns, 'runId'> & { readonly modelId: string }): void =>
      insert({ ...adapter, runId: null }),
    /** Newest first. */
    page: ({ experimentId, modelId, imported, search = '', ...request }: AdaptersRequest) =>
      readPage<AdapterRecord>(
        database,
        {
          columns,
          from,
          where: [
            'runs.removal IS NULL',
            ...(experimentId === undefined ? [] : ['experiments.id = @experimentId']),
            ...(modelId === undefined ? [] : ['models.id = @modelId']),
            ...(imported === undefined ? [] : [`adapters.run_id IS ${imported ? '' : 'NOT '}NULL`]),
            ...(search === '' ? [] : [foundInNames]),
          ],
          values: {
            ...(experimentId !== undefined && { experimentId }),
            ...(modelId !== undefined && { modelId }),
            ...(search !== '' && { search: anywhere(search) }),
          },
          key: null,
          rowid: 'adapters.rowid',
          descending: true,
          decode,
        },
        request,
      ) satisfies RecordPage<AdapterRecord>,
    /** Those of runs that were removed aside. */
    all: (): AdapterRecord[] =>
      database.prepare(`${joined} WHERE runs.removal IS NULL ORDER BY adapters.rowid`).all().map(decode),
    names: (): string[] => database.prepare('SELECT name FROM adapters').pluck().all() as string[],
    /** By id, or the newest of that name. */
    find: (idOrName: string): AdapterRecord | undefined =>
      one(
        `@value IN (adapters.id, adapters.name)
         ORDER BY adapters.id = @value DESC, adapters.rowid DESC`,
        idOrName,
      ),
    ofRun: (runId: string): AdapterRecord | undefined => one('adapters.run_id = @value', runId),
    /** Names of those that were imported for a model. */
    namesUsing: (modelId: string): string[] =>
      database
        .prepare('SELECT name FROM adapters WHERE model_id = ? ORDER BY rowid')
        .pluck()
        .all(modelId) as string[],
    remove: (id: string): void => {
      database.prepare('DELETE FROM adapters WHERE id = ?').run(id);
    },
  };
};
