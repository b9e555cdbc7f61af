import type { Database } from 'better-sqlite3';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import { mapTable } from '../table-mapping.ts';

/** What a run itself holds. */
export interface RunColumns {
  readonly id: string;
  readonly configurationId: string;
  readonly status: string;
  readonly step: number;
  /** Null until they are counted. */
  readonly steps: number | null;
  /** The trainer's summary, JSON. */
  readonly summary: unknown;
  readonly error: string | null;
  readonly notices: string[];
  /** The files of the model that it started on; null before it starts, and for runs from before that was kept. */
  readonly modelIdentity: readonly ModelFile[] | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A run with what other tables know of it. */
export interface RunRecord extends RunColumns {
  readonly experimentId: string;
  /** The configuration's settings, JSON. */
  readonly configuration: unknown;
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly adapterId: string | null;
}

export type RunChanges = Partial<Omit<RunColumns, 'id' | 'configurationId' | 'createdAt'>>;

interface JoinedRow {
  readonly experiment_id: string;
  readonly settings: string;
  readonly train_loss: number | null;
  readonly validation_loss: number | null;
  readonly validation_accuracy: number | null;
  readonly adapter_id: string | null;
}

const latest = (name: string): string =>
  `(SELECT value FROM metrics WHERE run_id = runs.id AND name = '${name}' ORDER BY step DESC LIMIT 1)`;

export const runRepository = (database: Database) => {
  const table = mapTable<RunColumns>(database, 'runs', {
    id: 'plain',
    configurationId: 'plain',
    status: 'plain',
    step: 'plain',
    steps: 'plain',
    summary: 'json',
    error: 'plain',
    notices: 'json',
    modelIdentity: 'json',
    createdAt: 'plain',
    startedAt: 'plain',
    endedAt: 'plain',
  });
  const joined = `SELECT ${table.columns}, configurations.experiment_id, configurations.settings,
      ${latest('train/loss')} AS train_loss, ${latest('validation/loss')} AS validation_loss,
      ${latest('validation/accuracy')} AS validation_accuracy, adapters.id AS adapter_id
    FROM runs JOIN configurations ON configurations.id = runs.configuration_id
    LEFT JOIN adapters ON adapters.run_id = runs.id`;
  const byId = database.prepare(`${joined} WHERE runs.id = ?`);
  const byExperiment = database.prepare(
    `${joined} WHERE configurations.experiment_id = ? ORDER BY configurations.position, runs.rowid`,
  );
  const queued = database
    .prepare("SELECT id FROM runs WHERE status = 'queued' ORDER BY queue_position")
    .pluck();
  const leaveQueue = database.prepare('UPDATE runs SET queue_position = NULL, status = ? WHERE id = ?');
  const joinQueue = database.prepare(
    "UPDATE runs SET status = 'queued', queue_position = (SELECT coalesce(max(queue_position), 0) + 1 FROM runs) WHERE id = ?",
  );

  const decode = (row: unknown): RunRecord => {
    const found = row as JoinedRow;
    const { experiment_id, settings, train_loss, validation_loss, validation_accuracy, adapter_id } = found;
    return {
      ...table.decode(row),
      experimentId: experiment_id,
      configuration: JSON.parse(settings) as unknown,
      trainLoss: train_loss,
      validationLoss: validation_loss,
      validationAccuracy: validation_accuracy,
      adapterId: adapter_id,
    };
  };

  return {
    insert: table.insert,
    find: (id: string): RunRecord | undefined => {
      const row = byId.get(id);
      return row === undefined ? undefined : decode(row);
    },
    /** In the order of the experiment's configurations. */
    ofExperiment: (experimentId: string): RunRecord[] => byExperiment.all(experimentId).map(decode),
    /** Ids, the one that waits longest first. */
    queued: (): string[] => queued.all() as string[],
    withStatus: (statuses: readonly string[]): string[] =>
      table
        .select(
          `WHERE status IN (${statuses.map(() => '?').join(', ')}) ORDER BY created_at, rowid`,
          ...statuses,
        )
        .map(({ id }) => id),
    /** `status: 'queued'` puts the run at the queue's end, any other status takes it out. */
    update: (id: string, { status, ...changes }: RunChanges): void => {
      if (status === 'queued') joinQueue.run(id);
      else if (status !== undefined) leaveQueue.run(status, id);
      table.update(id, changes);
    },
  };
};
