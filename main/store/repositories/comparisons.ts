import type { Database } from 'better-sqlite3';
import { readPage } from '../pages.ts';
import type { PageRequest } from '../pages.ts';
import { byIdOrName, mapTable } from '../table-mapping.ts';

export interface ComparisonRecord {
  readonly id: string;
  readonly name: string;
  /** As it was asked for, JSON. */
  readonly definition: unknown;
  /** What that came to when it was created: arms, budgets, confounds. JSON. */
  readonly design: unknown;
  /** Names of the confounds that somebody has accepted. */
  readonly accepted: readonly string[];
  readonly modelId: string;
  readonly datasetId: string;
  readonly status: string;
  readonly error: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** What a run is for. */
export interface ComparisonRunLink {
  readonly runId: string;
  readonly comparisonId: string;
  readonly role: string;
  readonly arm: string;
  readonly seed: number;
  readonly trial: number | null;
  readonly round: number | null;
}

/** With what the run itself and its experiment know. */
export interface ComparisonRunRecord extends ComparisonRunLink {
  readonly experimentId: string;
  /** Pictures of each class that its experiment draws; null for texts, and where it takes all. */
  readonly shots: number | null;
  readonly status: string;
  readonly step: number;
  readonly steps: number | null;
  /** Held-out loss of the adapter that it keeps; null until it is completed. */
  readonly loss: number | null;
  readonly error: string | null;
}

export interface ComparisonTaskRecord {
  readonly comparisonId: string;
  readonly name: string;
  readonly position: number;
  /** Of its file as it was when the comparison was created; null where it has none. */
  readonly sha256: string | null;
  /** What scoring found in it, JSON; null until it is read. */
  readonly facts: unknown;
}

interface JoinedRow {
  readonly experiment_id: string;
  readonly shots: number | string | null;
  readonly status: string;
  readonly step: number;
  readonly steps: number | null;
  readonly loss: number | null;
  readonly error: string | null;
}

export const comparisonRepository = (database: Database) => {
  const table = mapTable<ComparisonRecord>(database, 'comparisons', {
    id: 'plain',
    name: 'plain',
    definition: 'json',
    design: 'json',
    accepted: 'json',
    modelId: 'plain',
    datasetId: 'plain',
    status: 'plain',
    error: 'plain',
    createdAt: 'plain',
    startedAt: 'plain',
    endedAt: 'plain',
  });
  const links = mapTable<ComparisonRunLink>(database, 'comparison_runs', {
    runId: 'plain',
    comparisonId: 'plain',
    role: 'plain',
    arm: 'plain',
    seed: 'plain',
    trial: 'plain',
    round: 'plain',
  });
  const tasks = mapTable<ComparisonTaskRecord>(database, 'comparison_tasks', {
    comparisonId: 'plain',
    name: 'plain',
    position: 'plain',
    sha256: 'plain',
    facts: 'json',
  });
  const runs = database.prepare(
    `SELECT ${links.columns}, configurations.experiment_id, runs.status, runs.step, runs.steps, runs.error,
        json_extract(experiments.definition, '$.training.pictures.shots') AS shots,
        (SELECT value FROM run_summary WHERE run_id = runs.id AND name = 'validation/loss') AS loss
      FROM comparison_runs
      JOIN runs ON runs.id = comparison_runs.run_id
      JOIN configurations ON configurations.id = runs.configuration_id
      JOIN experiments ON experiments.id = configurations.experiment_id
      WHERE comparison_runs.comparison_id = ?
      ORDER BY runs.rowid`,
  );
  const ofRun = database.prepare('SELECT comparison_id FROM comparison_runs WHERE run_id = ?').pluck();
  const ofExperiment = database
    .prepare(
      `SELECT comparison_runs.comparison_id FROM comparison_runs
        JOIN runs ON runs.id = comparison_runs.run_id
        JOIN configurations ON configurations.id = runs.configuration_id
        WHERE configurations.experiment_id = ? LIMIT 1`,
    )
    .pluck();
  const setFacts = database.prepare(
    'UPDATE comparison_tasks SET facts = ? WHERE comparison_id = ? AND name = ?',
  );

  return {
    insert: table.insert,
    update: table.update,
    /** Newest first. */
    page: (request: PageRequest) =>
      readPage<ComparisonRecord>(
        database,
        {
          columns: table.columns,
          from: 'comparisons',
          where: [],
          values: {},
          key: null,
          rowid: 'comparisons.rowid',
          descending: true,
          decode: table.decode,
        },
        request,
      ),
    /** By id, or the newest of that name. */
    find: (idOrName: string) => table.select(`${byIdOrName}, rowid DESC LIMIT 1`, { key: idOrName })[0],
    withStatus: (statuses: readonly string[]) =>
      table.select(`WHERE status IN (${statuses.map(() => '?').join(', ')}) ORDER BY rowid`, ...statuses),
    /** Names of the comparisons on a model or dataset, newest first. */
    namesUsing: (column: 'modelId' | 'datasetId', id: string) =>
      table
        .select(`WHERE ${column === 'modelId' ? 'model_id' : 'dataset_id'} = ? ORDER BY rowid DESC`, id)
        .map(({ name }) => name),
    /** Takes its results with it; its experiments are removed by themselves. */
    remove: (id: string) => void database.prepare('DELETE FROM comparisons WHERE id = ?').run(id),

    insertRun: links.insert,
    /** In the order in which they were made. */
    runs: (id: string): ComparisonRunRecord[] =>
      runs.all(id).map((row) => {
        const { experiment_id, status, step, steps, loss, error, ...rest } = row as JoinedRow;
        const shots = typeof rest.shots === 'number' ? rest.shots : null;
        return { ...links.decode(row), experimentId: experiment_id, shots, status, step, steps, loss, error };
      }),
    /** The comparison that a run, or an experiment, is a part of. */
    ofRun: (runId: string) => ofRun.get(runId) as string | undefined,
    ofExperiment: (experimentId: string) => ofExperiment.get(experimentId) as string | undefined,

    insertTask: tasks.insert,
    /** In the order of the definition. */
    tasks: (id: string) => tasks.select('WHERE comparison_id = ? ORDER BY position', id),
    setTaskFacts: (id: string, task: string, facts: unknown): void =>
      void setFacts.run(JSON.stringify(facts), id, task),
  };
};
