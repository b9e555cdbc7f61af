import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../main/store/open-database.ts';
import type { DatasetRecord } from '../../main/store/repositories/datasets.ts';
import type { ModelRecord } from '../../main/store/repositories/models.ts';
import { createStore } from '../../main/store/store.ts';
import type { Store } from '../../main/store/store.ts';

let directory: string;
let database: Database;
let store: Store;
const open = (): void => {
  database = openDatabase(directory);
  store = createStore(database, directory);
};
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-store-'));
  open();
});
afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

const createdAt = '2025-01-01T00:00:00.000Z';
const model: ModelRecord = {
  id: 'm1',
  name: 'tiny',
  directory: '/models/tiny',
  architecture: 'llama',
  parameters: 40_000,
  dtype: 'bfloat16',
  bytes: 80_000,
  layers: 2,
  hiddenSize: 16,
  vocabularySize: 2048,
  maximumPositions: 64,
  targetModules: [{ name: 'q_proj', count: 2, outFeatures: 16, inFeatures: 16 }],
  hasChatTemplate: true,
  drawnSides: null,
  classifier: null,
  objective: 'next-token',
  identity: [{ name: 'config.json', kind: 'config', sha256: 'ab', bytes: 3, stamp: null }],
  notices: ['Its head is its own'],
  builtIn: false,
  createdAt,
};
const dataset: DatasetRecord = {
  id: 'd1',
  name: 'sea',
  trainFile: '/data/sea.jsonl',
  validationFile: null,
  trainSha256: 'ab',
  validationSha256: null,
  trainSeparator: null,
  validationSeparator: null,
  form: null,
  format: { kind: 'text', column: 'text' },
  columns: ['text'],
  trainRows: 4,
  validationRows: null,
  bytes: 100,
  builtIn: true,
  createdAt,
};

/** A model, a dataset, and an experiment `e1` with the runs r1, r2, … */
const stock = (runs = 2): void => {
  store.models.insert(model);
  store.datasets.insert(dataset);
  store.experiments.insert({
    id: 'e1',
    name: 'try',
    definition: { any: 'thing' },
    modelId: 'm1',
    datasetId: 'd1',
    createdAt,
  });
  for (let number = 1; number <= runs; number++) {
    store.experiments.insertConfiguration({
      id: `c${number}`,
      experimentId: 'e1',
      position: number,
      settings: { name: `c${number}` },
    });
    store.runs.insert({
      id: `r${number}`,
      configurationId: `c${number}`,
      status: 'created',
      step: 0,
      steps: 10,
      error: null,
      notices: [],
      modelIdentity: null,
      origin: null,
      device: null,
      createdAt,
      startedAt: null,
      endedAt: null,
    });
  }
};
const count = (table: string): unknown => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();

describe('records', () => {
  test('come back as they were put in', () => {
    stock();
    expect(store.models.find('tiny')).toEqual(model);
    expect(store.models.find('m1')).toEqual(model);
    expect(store.datasets.find('sea')).toEqual(dataset);
    expect(store.experiments.find('e1')?.definition).toEqual({ any: 'thing' });
    expect(store.runs.find('r1')).toMatchObject({
      experimentId: 'e1',
      configuration: { name: 'c1' },
      notices: [],
      summary: null,
      adapterId: null,
    });
    expect(store.models.find('nothing')).toBeUndefined();
  });

  test('are found by id before they are found by name', () => {
    store.models.insert({ ...model, name: 'm2' });
    store.models.insert({ ...model, id: 'm2', name: 'other' });
    expect(store.models.find('m2')?.name).toBe('other');
  });

  test('change field by field, null included', () => {
    stock();
    store.runs.update('r1', { status: 'failed', error: 'why', notices: ['a'], step: 3 });
    store.runs.update('r1', { error: null });
    expect(store.runs.find('r1')).toMatchObject({ status: 'failed', error: null, notices: ['a'], step: 3 });
  });

  test('keep the summary of a run by name, number by number', () => {
    stock();
    store.runs.update('r1', { summary: { 'validation/loss': 2.5, 'run/steps': 10 } });
    store.runs.update('r1', { summary: { 'validation/loss': 2, 'of another/version': 1 } });
    expect(store.runs.find('r1')?.summary).toEqual({
      'validation/loss': 2,
      'run/steps': 10,
      'of another/version': 1,
    });
  });

  test('can have names with anything in them', () => {
    const name = `'; DROP TABLE models; --`;
    store.models.insert({ ...model, name });
    expect(store.models.find(name)?.id).toBe('m1');
  });
});

describe('foreign keys', () => {
  test('keep what is in use', () => {
    stock();
    expect(() => store.models.remove('m1')).toThrow('FOREIGN KEY');
    expect(() => store.datasets.remove('d1')).toThrow('FOREIGN KEY');
    expect(() =>
      store.experiments.insertConfiguration({ id: 'x', experimentId: 'nowhere', position: 0, settings: {} }),
    ).toThrow('FOREIGN KEY');
  });

  test('take all that belongs to an experiment with it', () => {
    stock();
    store.metrics.insert('r1', [{ step: 1, name: 'train/loss', value: 2 }]);
    store.checkpoints.insert({ runId: 'r1', step: 1, directory: '/c', createdAt });
    store.adapters.insert({
      id: 'a1',
      runId: 'r1',
      name: 'c1',
      method: 'lora',
      directory: '/a',
      trainedParameters: 1,
      createdAt,
    });
    store.exports.insert({
      id: 'x1',
      adapterId: 'a1',
      kind: 'merged',
      destination: '/x',
      status: 'completed',
      summary: null,
      error: null,
      modelIdentity: null,
      createdAt,
    });
    store.runs.update('r1', { summary: { 'validation/loss': 2 } });
    store.experiments.remove('e1');
    for (const table of [
      'experiments',
      'configurations',
      'runs',
      'run_summary',
      'metrics',
      'checkpoints',
      'adapters',
      'exports',
    ])
      expect(count(table)).toBe(0);
    expect([count('models'), count('datasets')]).toEqual([1, 1]);
  });
});

describe('metrics', () => {
  beforeEach(() => stock());

  test('have one value for a step: the last', () => {
    store.metrics.insert('r1', [
      { step: 1, name: 'train/loss', value: 2 },
      { step: 2, name: 'train/loss', value: 1.5 },
    ]);
    store.metrics.insert('r1', [
      { step: 2, name: 'train/loss', value: 1.25 },
      { step: 2, name: 'validation/loss', value: 3 },
    ]);
    expect(store.metrics.list('r1')).toEqual([
      { step: 1, name: 'train/loss', value: 2 },
      { step: 2, name: 'train/loss', value: 1.25 },
      { step: 2, name: 'validation/loss', value: 3 },
    ]);
    expect(store.metrics.list('r1', 'validation/loss')).toHaveLength(1);
    expect(store.runs.find('r1')).toMatchObject({ latest: { 'train/loss': 1.25, 'validation/loss': 3 } });
    store.metrics.removeAfter('r1', 1);
    expect(store.metrics.list('r1')).toHaveLength(1);
    expect(store.metrics.list('r2')).toEqual([]);
  });

  test('make a run no slower to look at, however many there are', () => {
    const stepsOf = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ step: index + 1, name: 'train/loss', value: index }));
    store.metrics.insert('r1', stepsOf(50_000));
    store.metrics.insert('r2', stepsOf(5));
    const quickest = (id: string): number =>
      Math.min(
        ...Array.from({ length: 9 }, () => {
          const from = performance.now();
          store.runs.find(id);
          return performance.now() - from;
        }),
      );
    expect(store.runs.find('r1')?.latest).toEqual({ 'train/loss': 49_999 });
    expect(quickest('r1')).toBeLessThan(10 * quickest('r2') + 1);
  });

  test('come in columns, exactly, with gaps and without', () => {
    const values = [1 / 3, 0.1 + 0.2, 5e-324, -2, 1.7976931348623157e308];
    const put = (name: string, steps: number[]): void =>
      store.metrics.insert(
        'r1',
        steps.map((step, index) => ({ step, name, value: values[index]! })),
      );
    put('dense', [3, 4, 5, 6, 7]);
    put('sparse', [0, 10, 20]);
    expect(store.metrics.columns('r1', 'dense', 0, 9)).toEqual({ steps: [3, 4, 5, 6, 7], values });
    expect(store.metrics.columns('r1', 'dense', 4, 5)).toEqual({ steps: [4, 5], values: values.slice(1, 3) });
    expect(store.metrics.columns('r1', 'sparse', 1, 20)).toEqual({
      steps: [10, 20],
      values: values.slice(1, 3),
    });
    expect(store.metrics.columns('r2', 'dense', 0, 9)).toEqual({ steps: [], values: [] });
    expect([store.metrics.lastStep('r1', 'sparse'), store.metrics.lastStep('r2', 'sparse')]).toEqual([
      20,
      undefined,
    ]);
  });

  test('of a batch are written all or not at all', () => {
    expect(() =>
      store.metrics.insert('r1', [
        { step: 1, name: 'train/loss', value: 2 },
        { step: 2, name: 'train/loss', value: NaN },
      ]),
    ).toThrow('NOT NULL');
    expect(store.metrics.list('r1')).toEqual([]);
  });
});

describe('the queue', () => {
  test('is first in, first out, and keeps its order when somebody leaves', () => {
    stock(3);
    for (const id of ['r3', 'r1', 'r2']) store.runs.update(id, { status: 'queued' });
    expect(store.runs.queued()).toEqual(['r3', 'r1', 'r2']);
    store.runs.update('r3', { status: 'running' });
    store.runs.update('r3', { status: 'queued' });
    expect(store.runs.queued()).toEqual(['r1', 'r2', 'r3']);
    expect(store.runs.withStatus(['queued', 'running'])).toHaveLength(3);
  });
});

describe('paths in the data directory', () => {
  test('move with it', () => {
    stock();
    store.checkpoints.insert({
      runId: 'r1',
      step: 1,
      directory: join(directory, 'runs', 'r1', 'checkpoints', 'step-1'),
      createdAt,
    });
    store.adapters.insert({
      id: 'a1',
      runId: 'r1',
      name: 'c1',
      method: 'lora',
      directory: join(directory, 'runs', 'r1', 'adapter'),
      trainedParameters: 1,
      createdAt,
    });
    store.close();
    renameSync(directory, `${directory}-moved`);
    directory = `${directory}-moved`;
    open();
    expect(store.checkpoints.ofRun('r1')[0]?.directory).toBe(
      join(directory, 'runs', 'r1', 'checkpoints', 'step-1'),
    );
    expect(store.adapters.page({ limit: 9 }).items).toMatchObject([
      { directory: join(directory, 'runs', 'r1', 'adapter'), experimentId: 'e1' },
    ]);
    expect(store.adapters.ofRun('r2')).toBeUndefined();
  });
});

describe('a full disk', () => {
  test('is one clear line, nothing is half written, and the store goes on afterwards', () => {
    stock();
    const pages = database.pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${pages}`);
    const metrics = Array.from({ length: 20_000 }, (_, step) => ({ step, name: 'train/loss', value: step }));
    expect(() => store.metrics.insert('r1', metrics)).toThrow(
      expect.objectContaining({
        code: 'no-space',
        message: `${join(directory, 'workbench.sqlite')}: the disk is full; free some space and try again`,
      }),
    );
    expect(() => store.transaction(() => store.metrics.insert('r1', metrics))).toThrow(
      expect.objectContaining({ code: 'no-space' }),
    );
    expect(count('metrics')).toBe(0);
    database.pragma('max_page_count = 1073741823');
    store.metrics.insert('r1', metrics);
    expect(count('metrics')).toBe(20_000);
  });
});
