import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { experimentSchema } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

describe('creating an experiment', () => {
  test('makes a run for each configuration, in their order', async () => {
    const experiment = await createExperiment(workbench);
    expect(experimentSchema.parse(experiment)).toMatchObject({
      name: 'first try',
      modelName: 'tiny',
      datasetName: 'sea',
    });
    expect(
      experiment.runs.map(({ configuration, status, step, steps }) => [
        configuration.name,
        status,
        step,
        steps,
      ]),
    ).toEqual([
      ['lora r4', 'created', 0, 10],
      ['nora r2', 'created', 0, 10],
    ]);
    expect(workbench.experiments.show({ id: experiment.id })).toEqual(experiment);
    expect(world.events.at(-1)).toEqual({
      name: 'experiments.changed',
      payload: { changed: workbench.experiments.list().items, removed: [] },
    });
    expect(workbench.experiments.list().items).toMatchObject([
      { id: experiment.id, name: 'first try', statuses: { created: 2 }, bestLoss: null, modelName: 'tiny' },
    ]);
  });

  test('may use a name again: the name then means the newest', async () => {
    await createExperiment(workbench);
    const second = await createExperiment(workbench);
    expect(workbench.experiments.show({ id: 'first try' }).id).toBe(second.id);
    expect(workbench.experiments.list().items[0]?.id).toBe(second.id);
  });

  const lora = (changes: object) => ({
    configurations: [{ name: 'it', adapter: { method: 'lora' as const, rank: 4, ...changes } }],
  });
  const nora = (changes: object) => ({
    configurations: [
      { name: 'it', adapter: { method: 'nora' as const, outerRank: 4, innerRank: 2, ...changes } },
    ],
  });
  test.each([
    ['a model that is not there', { model: 'huge' }, 'there is no model "huge" in the library'],
    ['a dataset that is not there', { dataset: 'land' }, 'there is no dataset "land" in the library'],
    [
      'a rank larger than the matrix',
      lora({ rank: 9 }),
      'configuration "it", rank: 9 is larger than the matrix k_proj (8 x 16) allows: at most 8',
    ],
    [
      'an outer rank larger than the matrix',
      nora({ outerRank: 17, targetModules: ['q_proj'] }),
      'configuration "it", outerRank: 17 is larger than the matrix q_proj (16 x 16) allows: at most 16',
    ],
    [
      'an inner rank larger than the outer',
      nora({ innerRank: 5 }),
      'configuration "it", innerRank: 5 is larger than outerRank 4',
    ],
    [
      'an unknown module',
      lora({ targetModules: ['q_proj', 'c_attn'] }),
      'configuration "it", targetModules: the model has no module c_attn (it has q_proj,',
    ],
    [
      'a module to leave out that is not there, with the one that is meant',
      lora({ excludeModules: ['donw_proj'] }),
      'configuration "it", excludeModules: the model has no module donw_proj; did you mean down_proj?',
    ],
    [
      'layers that the model does not have',
      lora({ layersToTransform: [0, 7] }),
      'configuration "it", layersToTransform: no module of targetModules is in layer 7 (they are in layers 0 to 1)',
    ],
    [
      'an expression that matches nothing',
      lora({ targetModules: 'h\\.\\d+\\..*' }),
      'configuration "it", targetModules: "h\\\\.\\\\d+\\\\..*" is taken for a regular expression and is the whole path of no module, such as model.layers.0.',
    ],
    [
      'a rank for what the adapter does not sit on',
      lora({ targetModules: ['q_proj'], rankPattern: { k_proj: 2 } }),
      'configuration "it", rankPattern: no module that the adapter sits on matches "k_proj"; did you mean q_proj?',
    ],
    [
      'a module to train whole that is not there',
      lora({ modulesToSave: ['score'] }),
      'configuration "it", modulesToSave: the model has no module score (it has ',
    ],
    [
      'more positions than the model has',
      { training: { sequenceLength: 65 } },
      'training.sequenceLength: 65 is more than the 64 positions of the model "tiny"',
    ],
    [
      'a warm-up longer than the run',
      { training: { steps: 5, warmupSteps: 6, sequenceLength: 32 } },
      'training.warmupSteps: 6 is more than the 5 steps',
    ],
  ])('refuses %s, and keeps nothing', async (_, changes, message) => {
    await expect(createExperiment(workbench, changes)).rejects.toThrow(message);
    expect(workbench.experiments.list().items).toEqual([]);
  });

  test('lets a rank be as large as the smallest matrix that it targets', async () => {
    expect(
      (await createExperiment(workbench, lora({ rank: 16, targetModules: ['q_proj'] }))).runs,
    ).toHaveLength(1);
  });
});
