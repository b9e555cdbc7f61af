import { cpSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { standardDate } from '../../main/engine/data/chat/template-date.ts';
import { modelCheckSchema } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { openStore } from '../../main/store/store.ts';
import { root } from '../support/paths.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { createExperiment, createWorld, endCompleted, endPaused } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const config = (): string => world.path('tiny', 'config.json');
const change = (): string => {
  const before = readFileSync(config(), 'utf8');
  writeFileSync(config(), before.replace('"rms_norm_eps":0.00001', '"rms_norm_eps":0.001'));
  return before;
};
const verify = async (thorough = true) =>
  modelCheckSchema.parse(await workbench.models.verify({ id: 'tiny', thorough }));
const startRun = async (): Promise<string> => {
  const { id } = (await createExperiment(workbench)).runs[0]!;
  workbench.runs.start({ id });
  return id;
};
/** As a library of an earlier version has them. */
const forget = (): void => {
  const store = openStore(workbench.dataDirectory);
  store.models.update(store.models.find('tiny')!.id, { identity: null });
  store.close();
};

describe('verifying a model', () => {
  test('finds it as it was, also when its files were touched', async () => {
    const later = new Date(Date.now() + 5000);
    utimesSync(config(), later, later);
    for (const thorough of [true, false]) {
      const check = await verify(thorough);
      expect(check).toMatchObject({ name: 'tiny', unchanged: true, recordedNow: false, problem: null });
      expect(check.files.map(({ name, kind, state }) => `${name} ${kind} ${state}`)).toEqual([
        'config.json config unchanged',
        'model.safetensors weights unchanged',
        'tokenizer.json tokenizer unchanged',
        'tokenizer_config.json tokenizer unchanged',
      ]);
    }
  });

  test('names what changed, came and went', async () => {
    change();
    writeFileSync(world.path('tiny', 'chat_template.jinja'), '{{ messages }}');
    rmSync(world.path('tiny', 'tokenizer_config.json'));
    const check = await verify();
    expect(check.unchanged).toBe(false);
    expect(check.files.filter(({ state }) => state !== 'unchanged')).toMatchObject([
      { name: 'chat_template.jinja', kind: 'tokenizer', state: 'added', was: null },
      { name: 'config.json', kind: 'config', state: 'changed' },
      { name: 'tokenizer_config.json', kind: 'tokenizer', state: 'missing', is: null },
    ]);
    expect(check.problem).toMatch(
      /the model "tiny" has changed since it was imported: chat_template\.jinja \(tokenizer\) was not there; config\.json \(config\) was \w{12}, is \w{12}; tokenizer_config\.json \(tokenizer\) is gone; put the files back/,
    );
  });

  test('takes a model from before as it is now, and says so', async () => {
    forget();
    expect(workbench.models.show({ id: 'tiny' }).contentHash).toBeNull();
    expect(await verify()).toMatchObject({ unchanged: true, recordedNow: true });
    expect(workbench.models.show({ id: 'tiny' }).contentHash).toMatch(/^[0-9a-f]{64}$/);
    change();
    expect(await verify()).toMatchObject({ unchanged: false, recordedNow: false });
  });

  test('says that a folder is gone', async () => {
    rmSync(world.path('tiny'), { recursive: true });
    await expect(verify()).rejects.toThrow('the folder of the model "tiny" is gone');
  });
});

describe('a model that changed', () => {
  test('is not trained on, until it is as it was', async () => {
    const before = change();
    const id = await startRun();
    const refused = await workbench.waitForRun(id);
    expect(refused.status).toBe('failed');
    expect(refused.error).toMatch(/has changed since it was imported: config\.json \(config\) was/);
    expect(world.trainers.started).toHaveLength(0);
    writeFileSync(config(), before);
    workbench.runs.start({ id });
    const trainer = await world.trainers.nth(0);
    expect(trainer.specification().modelFiles).toHaveLength(4);
    endCompleted(trainer);
    expect((await workbench.waitForRun(id)).status).toBe('completed');
  });

  test('is not exported with an adapter of what it was', async () => {
    const runId = await startRun();
    endCompleted(await world.trainers.nth(0));
    await workbench.waitForRun(runId);
    change();
    await expect(workbench.exports.create({ runId, kind: 'merged' })).rejects.toThrow(
      'has changed since the adapter "lora r4" was trained on it: config.json (config) was',
    );
    expect(workbench.exports.list().items).toEqual([]);
  });

  test('is not what an adapter is imported for', async () => {
    change();
    await expect(
      workbench.adapters.import({ directory: world.path('tiny'), modelId: 'tiny' }),
    ).rejects.toThrow('has changed since it was imported');
  });

  test('is told of by the preview', async () => {
    const ask = {
      id: 'sea',
      modelId: 'tiny',
      sequenceLength: 32,
      lossOn: 'all',
      count: 1,
      date: standardDate,
    } as const;
    expect((await workbench.datasets.preview(ask)).problem).toBeNull();
    change();
    const { problem, examples } = await workbench.datasets.preview(ask);
    expect(problem).toContain('has changed since it was imported');
    expect(examples).toHaveLength(1);
  });

  test('is imported again beside what it was', async () => {
    const old = workbench.models.show({ id: 'tiny' });
    change();
    const next = await workbench.models.import({ directory: world.path('tiny') });
    expect(next).toMatchObject({ name: 'tiny 2', directory: old.directory });
    expect(next.contentHash).not.toBe(old.contentHash);
    expect(await workbench.models.verify({ id: 'tiny 2' })).toMatchObject({ unchanged: true });
    expect(await verify()).toMatchObject({ unchanged: false });
    await expect(workbench.models.import({ directory: world.path('tiny') })).rejects.toThrow(
      'is in the library already, as "tiny 2"',
    );
  });
});

describe('a folder that moved', () => {
  test('is found by importing it from where it is', async () => {
    const old = workbench.models.show({ id: 'tiny' });
    renameSync(world.path('tiny'), world.path('moved'));
    const found = await workbench.models.import({ directory: world.path('moved') });
    expect(found).toEqual({ ...old, directory: world.path('moved') });
    expect(await verify()).toMatchObject({ unchanged: true });
  });

  test('is a model of its own where it was copied, or is given another name', async () => {
    cpSync(world.path('tiny'), world.path('copy'), { recursive: true });
    expect((await workbench.models.import({ directory: world.path('copy') })).name).toBe('copy');
    rmSync(world.path('tiny'), { recursive: true });
    renameSync(world.path('copy'), world.path('other'));
    const named = await workbench.models.import({ directory: world.path('other'), name: 'new' });
    expect(named.name).toBe('new');
    expect(workbench.models.list()).toHaveLength(3);
  });
});

test('a run goes on only on the model that it began on', async () => {
  const id = await startRun();
  endPaused(await world.trainers.nth(0), 5);
  expect((await workbench.waitForRun(id)).status).toBe('paused');
  const before = change();
  workbench.runs.resume({ id });
  const refused = await workbench.waitForRun(id);
  expect(refused).toMatchObject({ status: 'failed', step: 5, checkpointStep: 5 });
  expect(refused.error).toMatch(/the model "tiny" has changed since the run began: config\.json \(config\)/);
  writeFileSync(config(), before);
  workbench.runs.start({ id });
  expect((await world.trainers.nth(1)).specification().resumeFrom).toMatch(/5$/);
});

test('a run on a model from before says that its files count as they are', async () => {
  forget();
  const id = await startRun();
  endCompleted(await world.trainers.nth(0));
  const { notices } = await workbench.waitForRun(id);
  expect(notices).toEqual([
    'The model "tiny" came into the library before the contents of its files were kept; they count from now on as they are',
  ]);
});

test('what the sample holds is known', async () => {
  writeTinyModel(world.path('sample', 'model'));
  await workbench.close();
  cpSync(`${root}/main/sample/data`, world.path('sample', 'data'), { recursive: true });
  workbench = world.open({ sampleDirectory: world.path('sample') });
  const [sample] = workbench.models.list();
  expect(sample).toMatchObject({ builtIn: true, contentHash: expect.any(String) });
  expect(await workbench.models.verify({ id: sample!.id })).toMatchObject({
    unchanged: true,
    recordedNow: false,
  });
});
