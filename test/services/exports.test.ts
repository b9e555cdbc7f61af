import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Experiment, Export } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import type { ExportSummary } from '../../main/trainer/protocol/protocol.ts';
import { createExperiment, createWorld, endCompleted } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let experiment: Experiment;
let runId: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  experiment = await createExperiment(workbench);
  runId = experiment.runs[0]!.id;
  workbench.runs.start({ id: runId });
  endCompleted(await world.trainers.nth(0));
  await workbench.waitForRun(runId);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const create = async (destination?: string): Promise<Export> =>
  workbench.exports.create({ runId, kind: 'merged', destination });
const summary = (destination: string): ExportSummary => ({
  destination,
  files: ['config.json', 'model.safetensors'],
  bytes: 160_000,
  largestLogitDifference: 1e-3,
  largestLogitDifferenceUnrounded: 1e-6,
  largestLogit: 12,
  promptTokens: 64,
});

/** What a trainer leaves in an export's place: whole, with the certificate of that export. */
const writeExport = (directory: string, exportId: string): void => {
  const sha256 = 'a'.repeat(64);
  const certificate = {
    ...{ version: 1, exportId, kind: 'merged', createdAt: '2026-11-29T10:00:00.000Z' },
    versions: { workbench: null, node: 'v24', onnxruntime: '1.30.0' },
    logits: {
      largestDifference: 1e-3,
      meanDifference: 1e-4,
      largestDifferenceUnrounded: 1e-6,
      largest: 12,
      tokens: 64,
    },
    metrics: {
      on: { data: 'sample-prompts', file: null, rows: 1, tokens: 64, scored: 63, reason: 'none' },
      values: [],
    },
    base: { name: 'tiny', files: [] },
    adapter: { settings: { method: 'lora', rank: 4 }, files: [] },
    exported: { files: [{ name: 'model.safetensors', bytes: 7, sha256 }] },
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'model.safetensors'), 'weights');
  writeFileSync(join(directory, 'merge-certificate.json'), JSON.stringify(certificate));
};

const unfinished = (destination: string): string => {
  const directory = join(dirname(destination), `.${basename(destination)}.0123456789ab.partial`);
  mkdirSync(join(directory, 'float32'), { recursive: true });
  return directory;
};

describe('an export whose end nobody heard', () => {
  const reopened = async (leave: (running: Export) => void): Promise<Export> => {
    const running = await create();
    await world.trainers.nth(1);
    await workbench.close({ graceMilliseconds: 0 });
    // As after kill -9: nobody wrote down how it ended.
    const database = new Sqlite(world.path('data', 'workbench.sqlite'));
    database.exec("UPDATE exports SET status = 'running', summary = NULL, error = NULL");
    database.close();
    leave(running);
    workbench = world.open();
    return workbench.exports.show({ id: running.id });
  };

  test('is completed where it is whole and in its place', async () => {
    const found = await reopened(({ id, destination }) => writeExport(destination, id));
    expect(found).toMatchObject({
      status: 'completed',
      error: null,
      summary: { files: ['merge-certificate.json', 'model.safetensors'], largestLogit: 12, promptTokens: 64 },
    });
  });

  test('is failed where it is not, and can be written to the same place again', async () => {
    let left = '';
    const found = await reopened(({ destination }) => void (left = unfinished(destination)));
    expect(found).toMatchObject({
      status: 'failed',
      error: 'the workbench ended before the export was written; export it again',
    });
    expect(existsSync(left)).toBe(false);
    expect((await create(found.destination)).destination).toBe(found.destination);
  });

  test("is failed where somebody else's lies in its place, which stays", async () => {
    const found = await reopened(({ destination }) => writeExport(destination, 'another'));
    expect(found.status).toBe('failed');
    expect(existsSync(join(found.destination, 'model.safetensors'))).toBe(true);
  });

  test('is failed where a file of it is cut short', async () => {
    const found = await reopened(({ id, destination }) => {
      writeExport(destination, id);
      writeFileSync(join(destination, 'model.safetensors'), 'weig');
    });
    expect(found.status).toBe('failed');
  });

  test('is completed once a trainer that outlived the workbench has put it there', async () => {
    const found = await reopened(() => undefined);
    expect(found.status).toBe('failed');
    writeExport(found.destination, found.id);
    await expect(create(found.destination)).rejects.toThrow('there is something already');
    expect(workbench.exports.show({ id: found.id })).toMatchObject({ status: 'completed', error: null });
  });

  test('is completed where its trainer dies after the last of it', async () => {
    const { id, destination } = await create();
    writeExport(destination, id);
    const left = unfinished(destination);
    (await world.trainers.nth(1)).exit({ code: null, signal: 'SIGKILL' });
    expect(await workbench.waitForExport(id)).toMatchObject({ status: 'completed', error: null });
    expect(existsSync(left)).toBe(false);
  });
});

describe('an export', () => {
  test('runs in a trainer of its own and ends with a summary', async () => {
    const started = await create();
    expect(started).toMatchObject({
      status: 'running',
      runId,
      kind: 'merged',
      destination: join(workbench.dataDirectory, 'exports', 'first-try-lora-r4-merged'),
    });
    const trainer = await world.trainers.nth(1);
    expect(trainer.commands[0]).toEqual({
      type: 'export',
      specification: {
        exportId: started.id,
        kind: 'merged',
        modelDirectory: world.path('tiny'),
        adapterDirectory: join(workbench.dataDirectory, 'runs', runId, 'adapter'),
        destination: started.destination,
        baseModelName: world.path('tiny'),
        modelFiles: expect.any(Array),
        threads: null,
        heldOut: expect.objectContaining({
          runDirectory: join(workbench.dataDirectory, 'runs', runId),
          seed: 0,
        }),
        workbenchVersion: '0.0.0',
      },
    });
    trainer.emit({ type: 'progress', phase: 'merging', done: 1, total: 2 });
    expect(workbench.exports.show({ id: started.id }).progress).toEqual({
      phase: 'merging',
      done: 1,
      total: 2,
    });
    trainer.end({ type: 'exported', summary: summary(started.destination) });
    const ended = await workbench.waitForExport(started.id);
    expect(ended).toMatchObject({
      status: 'completed',
      progress: null,
      error: null,
      summary: summary(started.destination),
    });
    expect(workbench.exports.list().items).toEqual([ended]);
    expect(world.events.at(-1)).toEqual({ name: 'export.changed', payload: ended });
  });

  test('never takes a place that is taken', async () => {
    const first = await create();
    expect((await create()).destination).toBe(`${first.destination}-2`);
    await expect(create(first.destination)).rejects.toThrow('another export is being written there');

    mkdirSync(world.path('full'));
    writeFileSync(world.path('full', 'precious.txt'), 'mine');
    await expect(create(world.path('full'))).rejects.toThrow(
      `${world.path('full')}: there is something already; choose a new or empty folder`,
    );
    await expect(create(world.path('full', 'precious.txt'))).rejects.toThrow('there is something already');
    mkdirSync(world.path('empty'));
    expect((await create(world.path('empty'))).destination).toBe(world.path('empty'));
  });

  test('that fails or dies says so, and leaves the workbench alive', async () => {
    const failed = await create();
    (await world.trainers.nth(1)).end({
      type: 'failed',
      code: 'no-space',
      message: 'no space left on the disk',
    });
    expect(await workbench.waitForExport(failed.id)).toMatchObject({
      status: 'failed',
      error: 'no space left on the disk',
    });
    const died = await create();
    (await world.trainers.nth(2)).exit({ code: 134, stderrTail: 'Abort\n' });
    expect(await workbench.waitForExport(died.id)).toMatchObject({
      status: 'failed',
      error: 'the trainer process ended unexpectedly (exit code 134): Abort',
    });
    expect(existsSync(died.destination)).toBe(false);
  });

  test('needs a completed run', async () => {
    const other = experiment.runs[1]!.id;
    await expect(async () => workbench.exports.create({ runId: other, kind: 'adapter' })).rejects.toThrow(
      'the run "nora r2" is created: only a completed run can be exported',
    );
  });

  test('keeps its experiment from being removed while it is written', async () => {
    const { id } = await create();
    expect(() => workbench.experiments.remove({ id: experiment.id })).toThrow(
      'a run of "first try" is being exported; wait until that is done',
    );
    (await world.trainers.nth(1)).exit({ code: 1 });
    await workbench.waitForExport(id);
    workbench.experiments.remove({ id: experiment.id });
    expect(workbench.exports.list().items).toEqual([]);
  });

  test('is ended when the workbench closes', async () => {
    const { id } = await create();
    await workbench.close({ graceMilliseconds: 10 });
    workbench = world.open();
    expect(workbench.exports.show({ id }).status).toBe('failed');
  });
});
