import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Workbench } from '../../main/services/workbench.ts';
import {
  readSafetensorsHeader,
  writeSafetensors,
  readTensorFloat32,
} from '../../main/engine/formats/safetensors.ts';
import { modelSchema } from '../../main/services/shared/entities.ts';
import { openStore } from '../../main/store/store.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';
import { createExperiment, createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(() => {
  world = createWorld();
  workbench = world.open();
  writeTinyModel(world.path('tiny'));
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

describe('importing a model', () => {
  test('describes it and leaves its weights where they are', async () => {
    symlinkSync(world.path('tiny'), world.path('link'));
    const model = await workbench.models.import({ directory: world.path('link') });
    expect(modelSchema.parse(model)).toMatchObject({
      name: 'link',
      directory: world.path('tiny'),
      architecture: 'llama',
      dtype: 'float32',
      bytes: 4 * model.parameters,
      layers: 2,
      hiddenSize: 16,
      vocabularySize: 2048,
      maximumPositions: 64,
      builtIn: false,
    });
    expect(model.targetModules).toContainEqual({ name: 'k_proj', count: 2, outFeatures: 8, inFeatures: 16 });
    expect(workbench.models.show({ id: 'link' })).toEqual(model);
    expect(workbench.models.show({ id: model.id })).toEqual(model);
    expect(world.events).toContainEqual({ name: 'models.changed', payload: {} });
  });

  test('finds a free name by itself, but never changes one that was given', async () => {
    cpSync(world.path('tiny'), world.path('copies', 'tiny'), { recursive: true });
    cpSync(world.path('tiny'), world.path('third'), { recursive: true });
    await workbench.models.import({ directory: world.path('tiny') });
    expect((await workbench.models.import({ directory: world.path('copies', 'tiny') })).name).toBe('tiny 2');
    await expect(workbench.models.import({ directory: world.path('third'), name: 'tiny' })).rejects.toThrow(
      'there is a model "tiny" in the library already',
    );
    await expect(workbench.models.import({ directory: world.path('tiny') })).rejects.toThrow(
      `${world.path('tiny')} is in the library already, as "tiny"`,
    );
  });

  test("takes the model's name from the Hub's cache", async () => {
    const snapshot = world.path('models--HuggingFaceTB--SmolLM2-135M', 'snapshots', '0123abcd');
    mkdirSync(snapshot, { recursive: true });
    cpSync(world.path('tiny'), snapshot, { recursive: true });
    expect((await workbench.models.import({ directory: snapshot })).name).toBe('SmolLM2-135M');
  });

  test('refuses NaN weights, naming file and tensor, and keeps nothing', async () => {
    const file = world.path('tiny', 'model.safetensors');
    const header = readSafetensorsHeader(file);
    const tensors = [...header.tensors.values()].map(({ name, shape }) => ({
      name,
      dtype: 'F32' as const,
      shape,
      data: readTensorFloat32(header, name),
    }));
    tensors.find(({ name }) => name === 'model.norm.weight')!.data[3] = NaN;
    writeSafetensors(file, tensors);
    await expect(workbench.models.import({ directory: world.path('tiny') })).rejects.toThrow(
      `${file}: tensor model.norm.weight holds NaN at element 3`,
    );
    expect(workbench.models.list()).toEqual([]);
  });
});

test('a model that was described before embeddings could be targets is described again', async () => {
  const { id, targetModules } = await workbench.models.import({ directory: world.path('tiny') });
  expect(targetModules.slice(-2)).toEqual([
    { name: 'embed_tokens', count: 1, outFeatures: 16, inFeatures: 2048, role: 'embedding' },
    { name: 'lm_head', count: 1, outFeatures: 2048, inFeatures: 16, role: 'head' },
  ]);
  await workbench.close();
  const store = openStore(workbench.dataDirectory);
  store.models.update(id, { targetModules: targetModules.slice(0, -2) });
  store.close();
  workbench = world.open();
  await vi.waitFor(() => expect(workbench.models.show({ id }).targetModules).toEqual(targetModules));
  expect(world.events.at(-1)).toEqual({ name: 'models.changed', payload: {} });
});

test('a model that draws tells its sides, and is described again where it came before that was kept', async () => {
  const directory = writeTinyPipeline(world.path('sd15'));
  const { id, drawnSides } = await workbench.models.import({ directory });
  expect(drawnSides).toEqual({ usual: 16, multipleOf: 8 });
  await workbench.close();
  const store = openStore(workbench.dataDirectory);
  store.models.update(id, { drawnSides: null });
  store.close();
  workbench = world.open();
  await vi.waitFor(() => expect(workbench.models.show({ id }).drawnSides).toEqual(drawnSides));
});

describe('removing a model', () => {
  test('is refused while an experiment uses it', async () => {
    await world.stock(workbench);
    const experiment = await createExperiment(workbench);
    expect(() => workbench.models.remove({ id: 'tiny' })).toThrow(
      'the model "tiny" is used by the experiment "first try"; remove that first',
    );
    expect(() => workbench.datasets.remove({ id: 'sea' })).toThrow(
      'the dataset "sea" is used by the experiment "first try"; remove that first',
    );
    workbench.experiments.remove({ id: experiment.id });
    workbench.models.remove({ id: 'tiny' });
    workbench.datasets.remove({ id: 'sea' });
    expect([workbench.models.list(), workbench.datasets.list()]).toEqual([[], []]);
    expect(() => workbench.models.show({ id: 'tiny' })).toThrow('there is no model "tiny" in the library');
  });
});
