import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate, refuseNewerVersion } from '../../main/store/migrate.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import { createStore } from '../../main/store/store.ts';
import { runSummarySchema } from '../../main/engine/metrics/summary.ts';
import { translateStoreError } from '../../main/store/store-errors.ts';
import { openDatabase } from '../../main/store/open-database.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (): string => join(directory, 'workbench.sqlite');

describe('opening a data directory', () => {
  test('makes it, in WAL mode, with foreign keys and all tables', () => {
    const database = openDatabase(join(directory, 'new', 'place'));
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(database.pragma('busy_timeout', { simple: true })).toBe(5000);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck()
      .all();
    expect(tables).toEqual([
      'adapters',
      'assessments',
      'blind_tests',
      'blind_votes',
      'checkpoints',
      'comparison_answers',
      'comparison_diagnoses',
      'comparison_runs',
      'comparison_tasks',
      'comparisons',
      'configurations',
      'datasets',
      'experiments',
      'exports',
      'item_results',
      'metric_portions',
      'metrics',
      'models',
      'queue',
      'removals',
      'run_pictures',
      'run_samples',
      'run_summary',
      'run_tags',
      'run_views',
      'runs',
      'task_items',
      'votes',
    ]);
    database.close();
  });

  test('refuses a newer version in one line, and touches nothing', () => {
    const newer = new Sqlite(file());
    newer.exec('CREATE TABLE future (x); PRAGMA user_version = 99');
    newer.close();
    const before = readFileSync(file());
    expect(() => openDatabase(directory)).toThrow(
      expect.objectContaining({
        code: 'newer-version',
        message: `${directory} was written by a newer NoRA Workbench (data version 99; this release reads up to ${migrations.length})`,
      }),
    );
    expect(readFileSync(file()).equals(before)).toBe(true);
    expect(readdirSync(directory)).toEqual(['workbench.sqlite']);
  });

  test('refuses a file that is no database, and leaves it as it is', () => {
    writeFileSync(file(), 'a shopping list, long enough to be looked at. '.repeat(50));
    expect(() => openDatabase(directory)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: `${file()} is not a NoRA Workbench database`,
      }),
    );
    expect(readFileSync(file(), 'utf8')).toContain('a shopping list');
  });

  test('says what is wrong with a database in words of its own', () => {
    const text = (error: unknown): string => (translateStoreError(error, '/d/w.sqlite') as Error).message;
    const raw = (code: string): Error => Object.assign(new Error('raw words'), { code });
    expect(text(raw('SQLITE_CORRUPT_VTAB'))).toMatch(/^\/d\/w.sqlite is damaged; /);
    expect(text(raw('SQLITE_BUSY_SNAPSHOT'))).toMatch(/is in use by another program/);
    expect(text(raw('SQLITE_LOCKED'))).toMatch(/is in use by another program/);
    expect(text(raw('SQLITE_READONLY_DBMOVED'))).toMatch(/cannot be written; see that/);
    expect(text(raw('SQLITE_CANTOPEN'))).toMatch(/cannot be opened or made; see that/);
    expect(text(raw('SQLITE_NOMEM'))).toBe('/d/w.sqlite: the memory ran out');
    expect(text(raw('EACCES'))).toBe('/d/w.sqlite: no permission to write');
    for (const code of [
      'SQLITE_CORRUPT',
      'SQLITE_BUSY',
      'SQLITE_READONLY',
      'SQLITE_CANTOPEN',
      'SQLITE_PROTOCOL',
    ])
      expect(text(raw(code))).not.toContain('raw words');
  });

  test('says so where a folder is in the way of the database', () => {
    mkdirSync(file());
    expect(() => openDatabase(directory)).toThrow(`${file()}: is a folder, not a file`);
  });

  test('refuses a place that is a file', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => openDatabase(join(directory, 'file'))).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });
});

describe('imported adapters', () => {
  test('keep the adapters and exports that there were', () => {
    const database = new Sqlite(':memory:');
    database.pragma('foreign_keys = ON');
    migrate(database, migrations.slice(0, 1));
    database.exec(`
      INSERT INTO models VALUES ('m1', 'tiny', '/m', 'llama', 1, 'float32', 1, 1, 1, 1, 1, '[]', 0, 0, 't');
      INSERT INTO datasets VALUES ('d1', 'sea', '/d', NULL, 'x', NULL, '{}', '[]', 1, NULL, 1, 0, 't');
      INSERT INTO experiments VALUES ('e1', 'first', '{}', 'm1', 'd1', 't');
      INSERT INTO configurations VALUES ('c1', 'e1', 0, '{"name":"c1","adapter":{"method":"lora","rank":4}}');
      INSERT INTO runs (id, configuration_id, status, steps, created_at) VALUES ('r1', 'c1', 'completed', 1, 't');
      INSERT INTO adapters VALUES ('a1', 'r1', 'c1', 'lora', '/a', 7, 't');
      INSERT INTO exports VALUES ('x1', 'r1', 'merged', '/x', 'completed', '{}', NULL, 't');
    `);
    migrate(database);
    const store = createStore(database, directory);
    expect(store.adapters.page({ limit: 9 }).items).toEqual([
      {
        id: 'a1',
        runId: 'r1',
        experimentId: 'e1',
        experimentName: 'first',
        modelName: 'tiny',
        modelId: 'm1',
        objective: 'next-token',
        name: 'c1',
        method: 'lora',
        settings: { method: 'lora', rank: 4 },
        directory: '/a',
        source: null,
        parts: null,
        trainedParameters: 7,
        modelIdentity: null,
        createdAt: 't',
      },
    ]);
    expect(store.exports.page({ limit: 9 }).items).toMatchObject([
      { id: 'x1', adapterId: 'a1', runId: 'r1', kind: 'merged' },
    ]);
    expect(database.pragma('foreign_key_check')).toEqual([]);
    expect(() => store.models.remove('m1')).toThrow();
    store.experiments.remove('e1');
    expect([store.adapters.page({ limit: 9 }).items, store.exports.page({ limit: 9 }).items]).toEqual([
      [],
      [],
    ]);
  });
});

describe('identities of models', () => {
  test('are unknown of what was there before', () => {
    const database = new Sqlite(':memory:');
    migrate(database, migrations.slice(0, 4));
    database.exec(`
      INSERT INTO models VALUES ('m1', 'tiny', '/m', 'llama', 1, 'float32', 1, 1, 1, 1, 1, '[]', 0, 0, 't', NULL);
      INSERT INTO datasets VALUES ('d1', 'sea', '/d', NULL, 'x', NULL, '{}', '[]', 1, NULL, 1, 0, 't');
      INSERT INTO experiments VALUES ('e1', 'first', '{}', 'm1', 'd1', 't');
      INSERT INTO configurations VALUES ('c1', 'e1', 0, '{"name":"c1","adapter":{"method":"lora","rank":4}}');
      INSERT INTO runs (id, configuration_id, status, created_at) VALUES ('r1', 'c1', 'completed', 't');
      INSERT INTO adapters (id, run_id, name, method, directory, trained_parameters, created_at)
        VALUES ('a1', 'r1', 'c1', 'lora', '/a', 7, 't');
      INSERT INTO exports VALUES ('x1', 'a1', 'merged', '/x', 'completed', '{}', NULL, 't');
    `);
    migrate(database);
    const store = createStore(database, directory);
    expect(store.models.find('m1')).toMatchObject({ identity: null, notices: [] });
    expect(store.runs.find('r1')).toMatchObject({ modelIdentity: null });
    expect(store.adapters.find('a1')).toMatchObject({ modelIdentity: null });
    expect(store.exports.find('x1')).toMatchObject({ modelIdentity: null });
    const files = [{ name: 'config.json', kind: 'config', sha256: 'ab', bytes: 2, stamp: null }] as const;
    store.runs.update('r1', { modelIdentity: files });
    expect(store.adapters.find('a1')!.modelIdentity).toEqual(files);
  });
});

describe('summaries of runs', () => {
  const summaries = {
    first: {
      ...{
        trainedParameters: 1000,
        totalParameters: 40_000,
        validationLossBefore: 3,
        validationLossAfter: 2,
      },
      ...{ secondsPerStep: 0.25, tokensPerSecond: 100.5, initialisationSeconds: 0, totalSeconds: 3 },
      peakMemoryBytes: 123_456_789_012,
    },
    best: {
      ...{ trainedParameters: 7, totalParameters: 8, validationLossBefore: 3, validationLossAfter: 2 },
      ...{ validationAccuracyBefore: 0.5, validationAccuracyAfter: 0.75, steps: 30 },
      evaluations: {
        count: 3,
        last: { step: 30, loss: 2.5, accuracy: 0.625 },
        best: { step: 20, loss: 2, accuracy: 0.75 },
        saved: 'best',
      },
      ...{ secondsPerStep: 0.25, tokensPerSecond: 100, initialisationSeconds: 1, totalSeconds: 3 },
      peakMemoryBytes: 1e8,
    },
    last: {
      ...{ trainedParameters: 7, totalParameters: 8, validationLossBefore: 3, validationLossAfter: 2.5 },
      ...{ validationAccuracyBefore: null, validationAccuracyAfter: null, steps: 30 },
      evaluations: {
        count: 3,
        last: { step: 30, loss: 2.5, accuracy: null },
        best: { step: 20, loss: 2, accuracy: null },
        saved: 'last',
      },
      ...{ secondsPerStep: 0.25, tokensPerSecond: 100, initialisationSeconds: 1, totalSeconds: 3 },
      peakMemoryBytes: 1e8,
    },
  };

  test('come along, number by number and by the names of the metrics', () => {
    const database = new Sqlite(':memory:');
    database.pragma('foreign_keys = ON');
    migrate(database, migrations.slice(0, 7));
    database.exec(`
      INSERT INTO models (id, name, directory, architecture, parameters, dtype, bytes, layers, hidden_size, vocabulary_size,
        maximum_positions, target_modules, has_chat_template, built_in, created_at)
        VALUES ('m1', 'tiny', '/m', 'llama', 1, 'float32', 1, 1, 1, 1, 1, '[]', 0, 0, 't');
      INSERT INTO datasets (id, name, train_file, train_sha256, format, columns, train_rows, bytes, built_in, created_at)
        VALUES ('d1', 'sea', '/d', 'x', '{}', '[]', 1, 1, 0, 't');
      INSERT INTO experiments VALUES ('e1', 'first', '{}', 'm1', 'd1', 't');
    `);
    for (const [position, [id, told]] of [...Object.entries(summaries), ['open', null] as const].entries()) {
      database.prepare("INSERT INTO configurations VALUES (?, 'e1', ?, '{}')").run(id, position);
      database
        .prepare(
          "INSERT INTO runs (id, configuration_id, status, summary, created_at) VALUES (?, ?, 'x', ?, 't')",
        )
        .run(id, id, told && JSON.stringify(told));
    }
    migrate(database);
    const { runs } = createStore(database, directory);
    expect(runs.find('open')?.summary).toBeNull();
    expect(runs.find('first')?.summary).toEqual({
      'run/trained_parameters': 1000,
      'run/total_parameters': 40_000,
      'validation/loss/before': 3,
      'validation/loss': 2,
      'train/step_seconds': 0.25,
      'train/tokens_per_second': 100.5,
      'run/initialisation_seconds': 0,
      'run/total_seconds': 3,
      'run/peak_memory_bytes': 123_456_789_012,
    });
    expect(runs.find('best')?.summary).toMatchObject({
      'validation/accuracy/before': 0.5,
      'validation/accuracy': 0.75,
      'validation/loss': 2,
      'validation/loss/last': 2.5,
      'validation/loss/best': 2,
      'validation/accuracy/last': 0.625,
      'validation/accuracy/best': 0.75,
      'run/steps': 30,
      'run/evaluations': 3,
      'run/best_step': 20,
      'run/kept_step': 20,
    });
    const last = runs.find('last')?.summary;
    expect(last).toMatchObject({ 'validation/loss': 2.5, 'validation/loss/best': 2, 'run/best_step': 20 });
    expect(Object.keys(last!).filter((name) => /accuracy|kept/.test(name))).toEqual([]);
    for (const id of Object.keys(summaries))
      expect(runSummarySchema.parse(runs.find(id)?.summary)).toBeDefined();
    expect(database.pragma('foreign_key_check')).toEqual([]);
  });
});

describe('migrations', () => {
  test('run in order, from wherever the database stands', () => {
    const database = new Sqlite(':memory:');
    const steps = ['CREATE TABLE a (x)', 'ALTER TABLE a ADD COLUMN y', 'INSERT INTO a VALUES (1, 2)'];
    migrate(database, steps.slice(0, 1));
    migrate(database, steps);
    migrate(database, steps);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
    expect(() => refuseNewerVersion(database, directory, steps.slice(0, 2))).toThrow(
      'data version 3; this release reads up to 2',
    );
  });

  test('that fail leave everything as it was', () => {
    const database = new Sqlite(':memory:');
    expect(() => migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE a (x)'])).toThrow('already exists');
    expect(database.pragma('user_version', { simple: true })).toBe(0);
    expect(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });

  test('keep what a run of the first version holds, and let its steps be unknown', () => {
    const database = new Sqlite(':memory:');
    migrate(database, migrations.slice(0, 1));
    database.exec(`
      INSERT INTO models VALUES ('m', 'm', '/m', 'llama', 1, 'F32', 1, 1, 1, 1, 1, '[]', 0, 0, '');
      INSERT INTO datasets VALUES ('d', 'd', '/d', NULL, 'x', NULL, '{}', '[]', 1, NULL, 1, 0, '');
      INSERT INTO experiments VALUES ('e', 'e', '{}', 'm', 'd', '');
      INSERT INTO configurations VALUES ('c', 'e', 0, '{}');
      INSERT INTO runs (id, configuration_id, status, step, steps, created_at) VALUES ('r', 'c', 'paused', 3, 10, '');
      INSERT INTO metrics VALUES ('r', 'train/loss', 3, 2.5);
    `);
    migrate(database);
    const runs = database.prepare('SELECT id, status, step, steps FROM runs');
    expect(runs.all()).toEqual([{ id: 'r', status: 'paused', step: 3, steps: 10 }]);
    expect(database.prepare('SELECT count(*) FROM metrics').pluck().get()).toBe(1);
    const portions = database
      .prepare('SELECT unit, first_step, count, sum, highest_step FROM metric_portions')
      .raw()
      .all();
    expect(portions[0]).toEqual([16, 0, 1, 2.5, 3]);
    expect(portions).toHaveLength(9);
    database.exec('UPDATE runs SET steps = NULL');
    expect(database.pragma('foreign_key_check')).toEqual([]);
  });
});

test('classifiers of a library from before have a head of their own', () => {
  const database = new Sqlite(file());
  database.exec(migrations[0]!);
  database.pragma('user_version = 1');
  const insert = database.prepare(
    `INSERT INTO models VALUES (?, ?, '/m', ?, 1, 'float32', 1, 1, 1, 1, 1, '[]', 0, 0, '2026-01-01')`,
  );
  insert.run('a', 'a', 'llama');
  insert.run('b', 'b', 'bert');
  database.close();
  const opened = openDatabase(directory);
  const classifiers = opened.prepare('SELECT classifier FROM models ORDER BY id').pluck().all();
  expect(classifiers[0]).toBeNull();
  expect(JSON.parse(classifiers[1] as string)).toEqual({
    classNames: null,
    headModules: ['classifier'],
    newModules: [],
  });
  const objectives = opened.prepare('SELECT objective FROM models ORDER BY id').pluck().all();
  expect(objectives).toEqual(['next-token', 'classification']);
  opened.close();
});
