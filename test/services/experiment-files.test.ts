import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Workbench } from '../../main/services/workbench.ts';
import { root } from '../support/paths.ts';
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

describe('an experiment as a file', () => {
  test('says all of it, with the model and the data by name, and is read as the same', async () => {
    const { definition, modelId, datasetId } = await createExperiment(workbench);
    const asked = { ...definition, name: 'First try!', model: modelId, dataset: datasetId };
    const { fileName, text } = workbench.experiments.write({ definition: asked });
    expect(fileName).toBe('first-try.yaml');
    expect(text).not.toContain(modelId);
    expect(workbench.experiments.read({ text, name: fileName })).toEqual({
      ...asked,
      model: 'tiny',
      dataset: 'sea',
    });
  });

  test('is refused with the file, the line and the field, as on the command line', () => {
    const text = 'version: 1\nname: x\nmodel: tiny\ndataset: sea\nconfigurations: []\n';
    expect(() => workbench.experiments.read({ text, name: 'mine.yaml' })).toThrow(
      'mine.yaml, line 5: configurations: expected at least 1 item, not an empty list',
    );
  });

  test('of a model that is gone can not be written', async () => {
    const { definition } = await createExperiment(workbench);
    expect(() => workbench.experiments.write({ definition: { ...definition, model: 'gone' } })).toThrow(
      'there is no model "gone" in the library',
    );
  });
});

describe('the demo', () => {
  test('is about what came with the program, whatever that is called', async () => {
    await workbench.close();
    workbench = world.open({ sampleDirectory: join(root, 'main/sample') });
    const { model, dataset, configurations } = workbench.experiments.demo();
    expect(workbench.models.show({ id: model })).toMatchObject({ builtIn: true });
    expect(workbench.datasets.show({ id: dataset })).toMatchObject({ builtIn: true });
    expect(configurations.map(({ name }) => name)).toEqual(['LoRA r16', 'LoRA r4', 'NoRA 64/16']);
  });

  test('says that there is none where the program came without a sample', () => {
    expect(() => workbench.experiments.demo()).toThrow('there is no sample in the library');
  });
});

describe('templates', () => {
  test('are kept as files, listed by name, and taken away', async () => {
    expect(workbench.templates.list()).toEqual([]);
    const { definition } = await createExperiment(workbench);
    workbench.templates.save({ definition: { ...definition, name: 'Zebra' } });
    const saved = workbench.templates.save({ definition: { ...definition, name: 'ape' } });
    expect(saved).toMatchObject({ id: 'ape', name: 'ape', problem: null, definition: { model: 'tiny' } });
    expect(workbench.templates.list().map(({ name }) => name)).toEqual(['ape', 'Zebra']);
    expect(() => workbench.templates.save({ definition: { ...definition, name: 'Ape' } })).toThrow(
      'there is a template "ape" already; choose another name',
    );
    workbench.templates.remove({ id: 'ape' });
    expect(workbench.templates.list().map(({ id }) => id)).toEqual(['zebra']);
  });

  test('are not looked for outside their folder', () => {
    writeFileSync(world.path('data', 'outside.yaml'), 'mine');
    expect(() => workbench.templates.remove({ id: '../outside' })).toThrow(
      'there is no template "../outside"',
    );
  });

  test('that can not be read say why, and do not hide the others', async () => {
    const { definition } = await createExperiment(workbench);
    workbench.templates.save({ definition });
    mkdirSync(join(workbench.dataDirectory, 'templates'), { recursive: true });
    writeFileSync(join(workbench.dataDirectory, 'templates', 'broken.yaml'), 'version: 2\n');
    expect(workbench.templates.list()).toMatchObject([
      { id: 'broken', name: 'broken', definition: null, problem: expect.stringMatching(/^broken\.yaml/) },
      { name: 'first try', problem: null },
    ]);
  });
});

describe('a comparison as a file', () => {
  test('is read from its path, with the files of its tasks beside it', () => {
    const file = world.path('comparison.yaml');
    writeFileSync(
      file,
      `version: 1
name: c
model: tiny
dataset: sea
seeds: [0, 1]
arms:
  - { name: a, adapter: { method: lora } }
  - { name: b, adapter: { method: nora } }
tasks:
  - { kind: choices, name: t, file: items.json, prompt: arc }
`,
    );
    const { tasks } = workbench.comparisons.read({ path: file });
    expect(tasks.at(-1)).toMatchObject({ file: world.path('items.json') });
    expect(() => workbench.comparisons.read({ path: world.path('none.yaml') })).toThrow('none.yaml');
  });
});
