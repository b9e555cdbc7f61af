import type { Database } from 'better-sqlite3';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import { metricRegistry } from '../../engine/metrics/registry.ts';
import { mapTable } from '../table-mapping.ts';

/** What a run itself holds. */
export interface RunColumns {
  readonly id: string;
  readonly configurationId: string;
  readonly status: string;
  readonly step: number;
  /** Null until they are counted. */
  readonly steps: number | null;
  readonly error: string | null;
  readonly notices: string[];
  /** The files of the model that it started on; null before it starts, and for runs from before that was kept. */
  readonly modelIdentity: readonly ModelFile[] | null;
  /** The run that it goes on from, and where; null for one that starts. */
  readonly origin: unknown;
  /** What it goes on on in place of the device that its settings name; null where it is as they say. */
  readonly device: unknown;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A run with what other tables know of it. */
export interface RunRecord extends RunColumns {
  readonly experimentId: string;
  /** The configuration's settings, JSON. */
  readonly configuration: unknown;
  /** What it keeps in the end, by name; null until then. */
  readonly summary: Readonly<Record<string, number>> | null;
  /** The last value of each metric that is measured over the steps, by name. */
  readonly latest: Readonly<Record<string, number>>;
  readonly adapterId: string | null;
}

export type RunChanges = Partial<Omit<RunColumns, 'id' | 'configurationId' | 'createdAt'>> & {
  readonly summary?: Readonly<Record<string, number>>;
};

interface JoinedRow {
  readonly experiment_id: string;
  readonly settings: string;
  readonly adapter_id: string | null;
}

const measuredOverSteps = JSON.stringify(
  metricRegistry.filter(({ shown }) => shown.curve !== null).map(({ name }) => name),
);

export const runRepository = (database: Database) => {
  const table = mapTable<RunColumns>(database, 'runs', {
    id: 'plain',
    configurationId: 'plain',
    status: 'plain',
    step: 'plain',
    steps: 'plain',
    error: 'plain',
    notices: 'json',
    modelIdentity: 'json',
    origin: 'json',
    device: 'json',
    createdAt: 'plain',
    startedAt: 'plain',
    endedAt: 'plain',
  });
  const joined = `SELECT ${table.columns}, configurations.experiment_id, configurations.settings,
      adapters.id AS adapter_id
    FROM runs JOIN configurations ON configurations.id = runs.configuration_id
    LEFT JOIN adapters ON adapters.run_id = runs.id`;
  const byId = database.prepare(`${joined} WHERE runs.id = ? AND runs.removal IS NULL`);
  const byExperiment = database.prepare(
    `${joined} WHERE configurations.experiment_id = ? AND runs.removal IS NULL ORDER BY configurations.position, runs.rowid`,
  );
  const queued = database
    .prepare("SELECT id FROM runs WHERE status = 'queued' ORDER BY queue_position")
    .pluck();
  const ids = database.prepare('SELECT id FROM runs WHERE removal IS NULL ORDER BY rowid').pluck();
  const leaveQueue = database.prepare('UPDATE runs SET queue_position = NULL, status = ? WHERE id = ?');
  const joinQueue = database.prepare(
    "UPDATE runs SET status = 'queued', queue_position = (SELECT coalesce(max(queue_position), 0) + 1 FROM runs) WHERE id = ?",
  );
  const toFront = database.prepare(
    'UPDATE runs SET queue_position = (SELECT min(queue_position) - 1 FROM runs) WHERE id = ? AND queue_position IS NOT NULL',
  );

  // Not a join: SQLite would go through every value of the run, each time that a run is looked at.
  const latest = database
    .prepare(
      `SELECT wanted.value, (SELECT value FROM metrics WHERE run_id = ? AND name = wanted.value
          ORDER BY step DESC LIMIT 1) AS latest
        FROM json_each(?) AS wanted WHERE latest IS NOT NULL`,
    )
    .raw();
  const summary = database.prepare('SELECT name, value FROM run_summary WHERE run_id = ?').raw();
  const keep = database.prepare(
    'INSERT INTO run_summary (run_id, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const eventsRead = database.prepare('SELECT events_read FROM runs WHERE id = ?').pluck();
  const setEventsRead = database.prepare('UPDATE runs SET events_read = ? WHERE id = ?');
  type Pairs = [name: string, value: number][];

  const decode = (row: unknown): RunRecord => {
    const { experiment_id, settings, adapter_id } = row as JoinedRow;
    const columns = table.decode(row);
    const { id } = columns;
    const kept = summary.all(id) as Pairs;
    return {
      ...columns,
      experimentId: experiment_id,
      configuration: JSON.parse(settings) as unknown,
      summary: kept.length === 0 ? null : Object.fromEntries(kept),
      latest: Object.fromEntries(latest.all(id, measuredOverSteps) as Pairs),
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
    /** Of a run that waits: before all others. */
    moveToFront: (id: string): void => void toFront.run(id),
    withStatus: (statuses: readonly string[]): string[] =>
      table
        .select(`WHERE status IN (${statuses.map(() => '?').join(', ')}) ORDER BY rowid`, ...statuses)
        .map(({ id }) => id),
    /** Ids of those that nobody removes, in their order. */
    ids: (): string[] => ids.all() as string[],
    /** Bytes of its trainer's own record that the store has. */
    eventsRead: (id: string): number => (eventsRead.get(id) as number | undefined) ?? 0,
    setEventsRead: (id: string, bytes: number): void => void setEventsRead.run(bytes, id),
    /** `status: 'queued'` puts the run at the queue's end, any other status takes it out. */
    update: (id: string, { status, summary, ...changes }: RunChanges): void => {
      if (status === 'queued') joinQueue.run(id);
      else if (status !== undefined) leaveQueue.run(status, id);
      for (const [name, value] of Object.entries(summary ?? {})) keep.run(id, name, value);
      table.update(id, changes);
    },
  };
};
