import type { Database } from 'better-sqlite3';
import { readPage } from '../pages.ts';
import type { PageRequest, RecordPage } from '../pages.ts';

/** What a list shows of an experiment: counted and looked up, without its definition and runs. */
export interface ExperimentSummaryRecord {
  readonly id: string;
  readonly name: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly datasetId: string;
  readonly datasetName: string;
  readonly comparisonId: string | null;
  /** How many of its runs have each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The lowest held-out loss among its completed runs. */
  readonly bestLoss: number | null;
  readonly createdAt: string;
}

export interface ExperimentsRequest extends PageRequest {
  /** In its name, or its model's or dataset's. */
  readonly search?: string | undefined;
  readonly sort: 'newest' | 'oldest' | 'name';
  /** Whether those that are parts of comparisons are shown: beside the others, alone, or not. */
  readonly ofComparisons: 'shown' | 'only' | 'hidden';
}

const runsOfIt = `FROM configurations JOIN runs ON runs.configuration_id = configurations.id
  WHERE configurations.experiment_id = experiments.id AND runs.removal IS NULL`;

const comparisonOfIt = `(SELECT comparison_runs.comparison_id
  FROM configurations JOIN runs ON runs.configuration_id = configurations.id
  JOIN comparison_runs ON comparison_runs.run_id = runs.id
  WHERE configurations.experiment_id = experiments.id LIMIT 1)`;

const columns = `experiments.id, experiments.name, experiments.model_id AS modelId, models.name AS modelName,
  experiments.dataset_id AS datasetId, datasets.name AS datasetName, experiments.created_at AS createdAt,
  ${comparisonOfIt} AS comparisonId,
  (SELECT json_group_object(status, runs) FROM
    (SELECT runs.status, count(*) AS runs ${runsOfIt} GROUP BY runs.status)) AS statuses,
  (SELECT min(run_summary.value) FROM configurations JOIN runs ON runs.configuration_id = configurations.id
    JOIN run_summary ON run_summary.run_id = runs.id AND run_summary.name = 'validation/loss'
    WHERE configurations.experiment_id = experiments.id AND runs.removal IS NULL AND runs.status = 'completed') AS bestLoss`;

const from = `experiments JOIN models ON models.id = experiments.model_id
  JOIN datasets ON datasets.id = experiments.dataset_id`;

const decode = (row: unknown): ExperimentSummaryRecord => {
  const { page_key: _, page_rowid: __, statuses, ...rest } = row as Record<string, unknown>;
  const counts = JSON.parse(statuses as string) as Record<string, number>;
  return { ...rest, statuses: counts } as unknown as ExperimentSummaryRecord;
};

const comparisonConditions: Record<ExperimentsRequest['ofComparisons'], string[]> = {
  shown: [],
  only: [`${comparisonOfIt} IS NOT NULL`],
  hidden: [`${comparisonOfIt} IS NULL`],
};

/** Text to be found anywhere in another by LIKE, with a backslash as escape. */
export const anywhere = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

const foundIn = (column: string): string => String.raw`${column} LIKE @search ESCAPE '\'`;

export const experimentSummaryRepository = (database: Database) => ({
  page: ({ search = '', sort, ofComparisons, ...request }: ExperimentsRequest) =>
    readPage<ExperimentSummaryRecord>(
      database,
      {
        columns,
        from,
        where: [
          'experiments.removal IS NULL',
          ...comparisonConditions[ofComparisons],
          ...(search === ''
            ? []
            : [`(${['experiments.name', 'models.name', 'datasets.name'].map(foundIn).join(' OR ')})`]),
        ],
        values: search === '' ? {} : { search: anywhere(search) },
        key: sort === 'name' ? 'experiments.name' : null,
        rowid: 'experiments.rowid',
        descending: sort === 'newest',
        decode,
      },
      request,
    ) satisfies RecordPage<ExperimentSummaryRecord>,
  /** In no order; those that are gone, or are being removed, are left out. */
  withIds: (ids: readonly string[]): ExperimentSummaryRecord[] =>
    database
      .prepare(
        `SELECT ${columns} FROM ${from} WHERE experiments.removal IS NULL AND experiments.id IN (SELECT value FROM json_each(?))`,
      )
      .all(JSON.stringify(ids))
      .map(decode),
});
