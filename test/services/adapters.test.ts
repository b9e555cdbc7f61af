import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { writeSealedFolder } from '../../main/engine/formats/sealed-folder.ts';
import { adapterSchema, type Adapter } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld, endCompleted } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  mkdirSync(world.path('peft'));
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

/** Where it is built: beside its place, under a name that says so. */
const unfinishedOf = ({ id }: Adapter): RegExp => new RegExp(`/adapters/[.]${id}[.][0-9a-f]{12}[.]partial$`);

const settings = adapterSettingsSchema.parse({ method: 'pissa', rank: 4 });
const summary = { settings, trainedParameters: 128, promptTokens: 64 };

/** Imports with a trainer, the n-th, that finds the adapter in order. */
const importAs = async (
  name: string | undefined,
  trainer: number,
  meanwhile: (destination: string) => void = () => undefined,
): Promise<Adapter> => {
  const modelId = workbench.models.show({ id: 'tiny' }).id;
  const importing = workbench.adapters.import({ directory: world.path('peft'), modelId, name });
  const process = await world.trainers.nth(trainer);
  const [command] = process.commands;
  if (command?.type !== 'import') throw new Error('the trainer was not asked to import');
  const { destination } = command.specification;
  await writeSealedFolder(destination, (writer) => writer.text('adapter.json', '{}'));
  meanwhile(destination);
  process.end({ type: 'imported', summary });
  return importing;
};

describe('importing an adapter', () => {
  test('has a trainer check it, and keeps it for its model', async () => {
    const adapter = await importAs(undefined, 0);
    expect(world.trainers.started[0]!.commands[0]).toEqual({
      type: 'import',
      specification: {
        modelDirectory: world.path('tiny'),
        peftDirectory: world.path('peft'),
        destination: expect.stringMatching(unfinishedOf(adapter)) as string,
        onResidualBase: false,
        threads: null,
      },
    });
    expect(adapterSchema.parse(adapter)).toMatchObject({
      name: 'peft',
      method: 'pissa',
      modelName: 'tiny',
      settings,
      runId: null,
      experimentId: null,
      source: world.path('peft'),
      trainedParameters: 128,
    });
    expect(workbench.adapters.list().items).toEqual([adapter]);
    expect(workbench.adapters.show({ id: 'peft' })).toEqual(adapter);
    expect(world.events.at(-1)).toEqual({
      name: 'adapters.changed',
      payload: { changed: [adapter], removed: [] },
    });
    expect((await importAs(undefined, 1)).name).toBe('peft 2');
  });

  test('is swept where the workbench was killed before the library knew of it; once more works', async () => {
    const adapters = join(workbench.dataDirectory, 'adapters');
    const kept = await importAs('mine', 0);
    const left = join(adapters, '.0123456789ab.0123456789ab.partial');
    cpSync(kept.directory, left, { recursive: true });
    const then = new Date(Date.now() - 61 * 60_000);
    for (const name of ['', ...(readdirSync(left, { recursive: true }) as string[])])
      utimesSync(join(left, name), then, then);
    expect((await importAs('again', 1)).name).toBe('again');
    await workbench.close({ graceMilliseconds: 0 });
    workbench = world.open();
    await vi.waitFor(() => expect(existsSync(left)).toBe(false));
    expect(readdirSync(adapters)).toHaveLength(2);
  });

  test('takes its place where the workbench was killed right after the library knew of it', async () => {
    const { id, directory } = await importAs('mine', 0);
    await workbench.close({ graceMilliseconds: 0 });
    const place = (hex: string): string => join(directory, '..', `.${id}.${hex}.partial`);
    mkdirSync(place('aaaaaaaaaaaa')); // one that was never finished is none
    renameSync(directory, place('bbbbbbbbbbbb'));
    workbench = world.open();
    expect(existsSync(join(directory, 'sums.json'))).toBe(true);
    expect(workbench.adapters.show({ id }).directory).toBe(directory);
  });

  test('is not in the library where its folder can’t take its place', async () => {
    await expect(
      importAs('mine', 0, (destination) => {
        const id = /[.](\w{12})[.]/.exec(destination)![1]!;
        mkdirSync(join(destination, '..', id, 'in the way'), { recursive: true });
      }),
    ).rejects.toThrow(/the folder exists and is not empty/);
    expect(workbench.adapters.list().items).toEqual([]);
  });

  test('leaves nothing behind when it is refused', async () => {
    const modelId = workbench.models.show({ id: 'tiny' }).id;
    const importing = workbench.adapters.import({ directory: world.path('peft'), modelId });
    const trainer = await world.trainers.nth(0);
    trainer.end({ type: 'failed', code: 'unsupported', message: 'pickled weights' });
    await expect(importing).rejects.toThrow('pickled weights');
    expect(workbench.adapters.list().items).toEqual([]);
    await importAs('mine', 1);
    await expect(
      workbench.adapters.import({ directory: world.path('peft'), modelId, name: 'mine' }),
    ).rejects.toThrow('there is an adapter "mine" already; choose another name');
    await expect(
      workbench.adapters.import({ directory: world.path('peft'), modelId: 'none' }),
    ).rejects.toThrow('there is no model "none" in the library');
  });
});

describe('an imported adapter', () => {
  test('is exported as a run’s is', async () => {
    const { id: adapterId, directory } = await importAs('mine', 0);
    const started = await workbench.exports.create({ adapterId, kind: 'adapter-with-base' });
    expect(started).toMatchObject({ adapterId, runId: null, status: 'running' });
    expect(started.destination).toBe(join(workbench.dataDirectory, 'exports', 'mine-adapter-with-base'));
    const trainer = await world.trainers.nth(1);
    expect(trainer.commands[0]).toMatchObject({
      specification: { kind: 'adapter-with-base', adapterDirectory: directory, threads: null },
    });
    expect(() => workbench.adapters.remove({ id: adapterId })).toThrow(
      'the adapter "mine" is being exported; wait until that is done',
    );
    trainer.end({ type: 'failed', code: 'no-space', message: 'no space' });
    expect(await workbench.waitForExport(started.id)).toMatchObject({ status: 'failed', error: 'no space' });
  });

  test('keeps its model in the library, and goes with its files', async () => {
    const adapter = await importAs('mine', 0);
    expect(() => workbench.models.remove({ id: 'tiny' })).toThrow(
      'the model "tiny" is used by the adapter "mine"; remove that first',
    );
    workbench.adapters.remove({ id: 'mine' });
    expect(existsSync(adapter.directory)).toBe(false);
    expect(existsSync(world.path('peft'))).toBe(true);
    expect(workbench.adapters.list().items).toEqual([]);
    workbench.models.remove({ id: 'tiny' });
  });
});

test("a run's adapter goes with its experiment, and has no other base to be exported with", async () => {
  const { runs } = await createExperiment(workbench);
  const runId = runs[0]!.id;
  workbench.runs.start({ id: runId });
  endCompleted(await world.trainers.nth(0));
  const { adapterId } = await workbench.waitForRun(runId);
  expect(workbench.adapters.show({ id: adapterId! })).toMatchObject({
    runId,
    modelName: 'tiny',
    source: null,
    settings: { method: 'lora' },
  });
  expect(() => workbench.adapters.remove({ id: adapterId! })).toThrow(
    "is a run's and goes with its experiment",
  );
  await expect(workbench.exports.create({ runId, kind: 'adapter-with-base' })).rejects.toThrow(
    'lora leaves the base model as it is',
  );
});
