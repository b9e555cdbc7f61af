import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { migrate } from '../../main/store/migrate.ts';
import { migrations } from '../../main/store/migrations/index.ts';

type Row = Readonly<Record<string, string | number | null>>;

const time = '2026-01-02T03:04:05.000Z';
const files = JSON.stringify([{ name: 'config.json', kind: 'config', sha256: 'ab', bytes: 3, stamp: null }]);
const adapterSettings = JSON.stringify({ method: 'lora', rank: 4 });

/**
 * Two rows of a library for each table, by every column that it has had in any version: each version takes those it knows. A migration that
 * adds a column which must be given is told by the test that has none for it here.
 */
const rows: Readonly<Record<string, readonly Row[]>> = {
  removals: [{ id: 'gone', until: '2099-01-01T00:00:00.000Z', is_completing: 0 }],
  models: ['m1', 'm2'].map((id) => ({
    ...{ id, name: `model ${id}`, directory: `/models/${id}`, architecture: id === 'm1' ? 'llama' : 'bert' },
    ...{ parameters: 40_000, dtype: 'bfloat16', bytes: 80_000, layers: 2, hidden_size: 16 },
    ...{ vocabulary_size: 2048, maximum_positions: 64, target_modules: '[]', has_chat_template: 1 },
    ...{ built_in: 0, created_at: time, identity: files, notices: '["told"]' },
    classifier: id === 'm1' ? null : '{"classNames":null,"headModules":["classifier"],"newModules":[]}',
    objective: id === 'm1' ? 'next-token' : 'classification',
  })),
  datasets: ['d1', 'd2'].map((id) => ({
    ...{ id, name: `data ${id}`, train_file: `/data/${id}.csv`, validation_file: null, train_sha256: 'ab' },
    ...{ validation_sha256: null, format: '{"kind":"text","column":"text"}', columns: '["text"]' },
    ...{ train_rows: 4, validation_rows: null, bytes: 99, built_in: 0, created_at: time },
    ...{ train_separator: 'comma', validation_separator: null, form: 'texts' },
  })),
  experiments: ['e1', 'e2'].map((id, at) => ({
    ...{ id, name: `experiment ${id}`, definition: '{"seed":7}', model_id: `m${at + 1}` },
    ...{ dataset_id: `d${at + 1}`, created_at: time, removal: null },
  })),
  configurations: ['c1', 'c2'].map((id, at) => ({
    ...{ id, experiment_id: `e${at + 1}`, position: 0 },
    settings: `{"name":"${id}","adapter":${adapterSettings}}`,
  })),
  runs: ['r1', 'r2'].map((id, at) => ({
    ...{ id, configuration_id: `c${at + 1}`, status: at === 0 ? 'completed' : 'queued' },
    ...{ queue_position: at === 0 ? null : 1, step: 5, steps: 10, error: null, notices: '["a notice"]' },
    ...{ created_at: time, started_at: time, ended_at: null, model_identity: files, note: 'mine' },
    ...{ archived_at: null, origin: null, removal: null, device: null },
    summary: at === 0 ? '{"steps":10,"validationLossAfter":2.5}' : null,
  })),
  metrics: [0, 1, 2].map((step) => ({ run_id: 'r1', name: 'train/loss', step, value: 4.5 - step })),
  metric_portions: [
    {
      ...{ run_id: 'r1', name: 'train/loss', unit: 16, first_step: 0, count: 3, sum: 10.5 },
      ...{ lowest: 2.5, lowest_step: 2, highest: 4.5, highest_step: 0 },
    },
  ],
  checkpoints: [{ run_id: 'r1', step: 5, directory: 'runs/r1/checkpoints/step-00000005', created_at: time }],
  adapters: [
    {
      ...{ id: 'a1', run_id: 'r1', model_id: null, name: 'c1', method: 'lora', settings: null },
      ...{ directory: 'runs/r1/adapter', source: null, trained_parameters: 7, created_at: time },
      ...{ model_identity: null, parts: null },
    },
  ],
  exports: [
    {
      ...{ id: 'x1', run_id: 'r1', adapter_id: 'a1', kind: 'merged', destination: '/x', status: 'completed' },
      ...{ summary: '{}', error: null, created_at: time, model_identity: null },
    },
  ],
  run_summary: [{ run_id: 'r1', name: 'validation/loss', value: 2.5 }],
  run_samples: [
    {
      ...{ run_id: 'r1', step: 5, position: 0, prompt: 'Call me', expected: null },
      ...{ text: ' Ishmael', finish: 'length', tokens: 3 },
    },
  ],
  run_pictures: [
    {
      ...{ run_id: 'r1', step: 0, position: 0, prompt: 'a dog', seed: 7 },
      ...{ file: 'samples/step-00000000/0001.png', sha256: 'ab', problem: null },
    },
  ],
  run_tags: [{ run_id: 'r1', tag: 'kept' }],
  run_views: [{ id: 'v1', name: 'mine', definition: '{}', created_at: time }],
  comparisons: [
    {
      ...{ id: 'k1', name: 'a comparison', definition: '{}', design: '{}', accepted: '[]', model_id: 'm1' },
      ...{ dataset_id: 'd1', status: 'completed', error: null, created_at: time },
      ...{ started_at: time, ended_at: time },
    },
  ],
  comparison_runs: [
    { run_id: 'r1', comparison_id: 'k1', role: 'final', arm: 'LoRA', seed: 1, trial: null, round: null },
  ],
  comparison_tasks: [{ comparison_id: 'k1', name: 'losses', position: 0, sha256: null, facts: null }],
  assessments: [
    {
      ...{ id: 's1', comparison_id: 'k1', run_id: 'r1', task: 'losses', status: 'completed', error: null },
      ...{ scores: '{}', created_at: time, ended_at: time },
    },
  ],
  task_items: [{ comparison_id: 'k1', task: 'losses', item: 0, prompt: null, expected: null, weight: 1 }],
  item_results: [{ assessment_id: 's1', item: 0, answer: null, scores: '{}', detail: null }],
  comparison_diagnoses: [
    { comparison_id: 'k1', status: 'completed', error: null, found: '{}', created_at: time, ended_at: time },
  ],
  comparison_answers: [
    { comparison_id: 'k1', results_key: 'k', data_key: 'd', sentence: 'no difference', answer: '{}' },
  ],
  blind_tests: [
    { id: 'b1', name: 'a test', arms: '[]', pairs: '[]', left_out: 0, created_at: time, ended_at: null },
  ],
  blind_votes: [{ test_id: 'b1', pair: 0, choice: 'left', created_at: time }],
  votes: [
    {
      ...{ id: 'w1', model_id: 'm1', left_adapter_id: 'a1', right_adapter_id: null, left_name: 'c1' },
      ...{ right_name: 'the model', choice: 'left', left_answer: 'a', right_answer: 'b', prompt: 'p' },
      ...{ settings: '{}', created_at: time },
    },
  ],
};

interface Column {
  readonly name: string;
  readonly notnull: 0 | 1;
  readonly dflt_value: string | null;
}

export const columnsOf = (database: Database, table: string): Column[] =>
  database.pragma(`table_info(${table})`) as Column[];

export const tablesOf = (database: Database): string[] =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all() as string[];

/** Made by its own migration. */
const withRowsOfItsOwn = ['queue'];

/** A library of an earlier version with rows in each of its tables. */
export const writeEarlierLibrary = (file: string, version: number): void => {
  const database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.pragma('foreign_keys = ON');
  migrate(database, migrations.slice(0, version));
  const missing = tablesOf(database).filter((table) => !(table in rows) && !withRowsOfItsOwn.includes(table));
  if (missing.length > 0) throw new Error(`no rows for ${missing.join(', ')}: add some to this file`);
  const known = new Set(tablesOf(database));
  for (const [table, entries] of Object.entries(rows)) if (known.has(table)) fill(database, table, entries);
  database.close();
};

const fill = (database: Database, table: string, entries: readonly Row[]): void => {
  const columns = columnsOf(database, table);
  const given = columns.filter(({ name }) => name in entries[0]!).map(({ name }) => name);
  const missing = columns.find(
    ({ name, notnull, dflt_value: usual }) => notnull === 1 && usual === null && !given.includes(name),
  );
  if (missing) throw new Error(`no value for ${table}.${missing.name}: add one to this file`);
  const insert = database.prepare(
    `INSERT INTO ${table} (${given.join(', ')}) VALUES (${given.map((name) => `@${name}`).join(', ')})`,
  );
  for (const entry of entries)
    insert.run(Object.fromEntries(given.map((name) => [name, entry[name] ?? null])));
};

/** All rows by table. */
export const contentsOf = (database: Database): Record<string, Record<string, unknown>[]> =>
  Object.fromEntries(
    tablesOf(database).map((table) => [
      table,
      database.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[],
    ]),
  );
