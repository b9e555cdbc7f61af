import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { weightSpectraSchema } from '../../main/services/library/weight-spectra/weight-spectra-schema.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let id: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  writeTinyModel(world.path('tiny'));
  ({ id } = await workbench.models.import({ directory: world.path('tiny') }));
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const kindOf = async (kind: string) =>
  (await workbench.models.spectra({ id })).kinds.find((known) => known.kind === kind)!;
const decomposed = (module: string, singularValues: number[]) =>
  ({ type: 'decomposed-weight', module, singularValues }) as const;

describe("how a model's weights decay", () => {
  test('is told by kinds of layers before anything is known, the largest weights last', async () => {
    const spectra = weightSpectraSchema.parse(await workbench.models.spectra({ id }));
    expect(spectra).toMatchObject({ modelId: id, progress: null, error: null });
    expect(spectra.kinds[0]).toMatchObject({
      kind: 'q_proj 16x16',
      count: 2,
      done: 0,
      curve: null,
      energy: null,
    });
    expect(spectra.kinds.at(-1)).toMatchObject({ role: expect.stringMatching(/embedding|head/) });
  });

  test('is worked out by a trainer, kept, and told weight by weight', async () => {
    const asked = await workbench.models.computeSpectra({ id, kind: 'k_proj 8x16' });
    expect(asked.progress).toEqual({ done: 0, total: 2 });
    const trainer = await world.trainers.nth(0);
    const [command] = trainer.commands;
    expect(command).toMatchObject({
      type: 'decompose',
      specification: {
        modelDirectory: world.path('tiny'),
        modules: [0, 1].map((layer) => `model.layers.${layer}.self_attn.k_proj`),
      },
    });
    await expect(workbench.models.computeSpectra({ id })).rejects.toThrow('are being decomposed already');

    trainer.emit(decomposed('model.layers.0.self_attn.k_proj', [4, 2, 1, 1, 1, 1, 0.5, 0.5]));
    expect(world.events.at(-1)).toMatchObject({ name: 'models.spectra', payload: { progress: { done: 1 } } });
    trainer.emit(decomposed('model.layers.1.self_attn.k_proj', [2, 2, 0, 0, 0, 0, 0, 0]));
    trainer.end({ type: 'decomposed', seconds: 1 });
    await expect.poll(async () => (await workbench.models.spectra({ id })).progress).toBeNull();

    const kind = await kindOf('k_proj 8x16');
    expect(kind).toMatchObject({ count: 2, done: 2 });
    expect(kind.curve!.highest.slice(0, 3)).toEqual([1, 1, 0.25]);
    expect(kind.curve!.median.slice(0, 3)).toEqual([1, 0.75, 0.125]);
    expect(kind.curve!.lowest.slice(0, 3)).toEqual([1, 0.5, 0]);
    // 22 of 24.5 for the first layer, all for the second.
    expect(kind.energy![0]).toBeCloseTo((22 / 24.5 + 1) / 2, 4);
    expect(kind.energy![1]).toBe(1);
    const sites = await workbench.models.siteSpectra({ id, kind: 'k_proj 8x16' });
    expect(sites[0]).toMatchObject({
      module: 'model.layers.0.self_attn.k_proj',
      spectrum: { largest: 4, frobenius: Math.sqrt(24.5) },
    });

    // What is kept is not asked for again, in another session neither, and goes with the cache.
    await workbench.close();
    workbench = world.open();
    expect((await kindOf('k_proj 8x16')).done).toBe(2);
    expect((await workbench.models.computeSpectra({ id, kind: 'k_proj 8x16' })).progress).toBeNull();
    const cache = world.path('data', 'cache', 'spectra');
    const files = readdirSync(cache).map((name) => join(cache, name));
    expect(files).toHaveLength(2);
    // One digit of a number is another number: such a file is as good as not there.
    writeFileSync(
      files[0]!,
      readFileSync(files[0]!, 'utf8').replace('[4,2,', '[4,3,').replace('[2,2,', '[2,3,'),
    );
    await workbench.close();
    workbench = world.open();
    expect((await kindOf('k_proj 8x16')).done).toBe(1);
    rmSync(cache, { recursive: true });
    await workbench.close();
    workbench = world.open();
    expect((await kindOf('k_proj 8x16')).done).toBe(0);
  });

  test('stops when it is told to, and keeps what is done', async () => {
    await workbench.models.computeSpectra({ id });
    const trainer = await world.trainers.nth(0);
    trainer.emit(decomposed('model.layers.0.self_attn.q_proj', Array<number>(16).fill(1)));
    const { progress, error } = await workbench.models.cancelSpectra({ id });
    expect({ progress, error, killed: trainer.killed }).toEqual({
      progress: null,
      error: null,
      killed: true,
    });
    expect((await kindOf('q_proj 16x16')).done).toBe(1);
    expect((await workbench.models.computeSpectra({ id, kind: 'q_proj 16x16' })).progress).toEqual({
      done: 0,
      total: 1,
    });
  });

  test('says why it could not be worked out', async () => {
    await workbench.models.computeSpectra({ id });
    const trainer = await world.trainers.nth(0);
    trainer.end({
      type: 'failed',
      code: 'invalid-input',
      message: 'q_proj: the entry at row 0, column 0 is NaN',
    });
    await expect
      .poll(async () => (await workbench.models.spectra({ id })).error)
      .toBe('q_proj: the entry at row 0, column 0 is NaN');
  });

  test('is of the model as it is: a file that changed is refused', async () => {
    writeFileSync(world.path('tiny', 'config.json'), '{}');
    await expect(workbench.models.computeSpectra({ id })).rejects.toThrow(
      /has changed since it was imported/,
    );
    expect(existsSync(world.path('data', 'cache', 'spectra'))).toBe(false);
  });
});

const memoryOf = async (modelId: string) => {
  let isDone = false;
  const memory = Promise.resolve(workbench.models.memory({ id: modelId })).finally(() => (isDone = true));
  // How many devices are tried depends on the system.
  for (let nth = 0; !isDone; nth++) {
    await expect.poll(() => isDone || world.trainers.started[nth]?.commands.length === 1).toBe(true);
    world.trainers.started[nth]?.end({ type: 'probed', seconds: 0.1 });
  }
  return memory;
};

test('memory of a model that draws is of a picture in its own size, with adapters on its attention', async () => {
  const model = await workbench.models.import({ directory: writeTinyPipeline(world.path('sd15')) });
  const { drawnSide, batchSize, training } = await memoryOf(model.id);
  expect([drawnSide, batchSize]).toEqual([16, 1]);
  // The narrowest of its attention gives and takes 8 numbers; all that it multiplies by has narrower ones.
  expect(training.map(({ adapter }) => adapter)).toEqual(['LoRA r8', 'NoRA 8/8']);
});

test('memory is told by use and device', async () => {
  const { training, asking, devices, sequenceLength, drawnSide } = await memoryOf(id);
  expect(drawnSide).toBeNull();
  // The tiny model has 64 positions, and its smallest layer 8 rows.
  expect(sequenceLength).toBe(64);
  expect(training.map(({ adapter, bytes }) => [adapter, bytes])).toEqual([
    ['LoRA r8', 100],
    ['NoRA 8/8', 100],
  ]);
  expect(asking.map(({ baseFormat }) => baseFormat)).toContain('int4');
  expect(devices.find(({ name }) => name === 'cpu')).toMatchObject({ usable: true });
  expect(devices.filter(({ name }) => name !== 'cpu').every(({ available }) => available === null)).toBe(
    true,
  );
});
