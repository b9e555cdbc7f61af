import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctorSchema } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(() => {
  world = createWorld();
  writeTinyModel(world.path('app', 'model'));
  mkdirSync(world.path('app', 'data'));
  for (const part of ['train', 'validation'])
    writeFileSync(world.path('app', 'data', `moby-dick.${part}.jsonl`), '{"text":"Call me Ishmael."}\n');
  workbench = world.open({ sampleDirectory: world.path('app') });
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const reopen = async (sampleDirectory: string): Promise<void> => {
  await workbench.close();
  workbench = world.open({ sampleDirectory });
};
const sampleCheck = async () => (await workbench.app.doctor()).checks.find(({ name }) => name === 'sample');

describe('the sample', () => {
  test('is in the library from the start, and stays', () => {
    expect(workbench.models.list()).toMatchObject([
      { name: 'sample', builtIn: true, directory: world.path('app', 'model') },
    ]);
    expect(workbench.datasets.list()).toMatchObject([
      { name: 'sample', builtIn: true, trainRows: 1, validationRows: 1 },
    ]);
    expect(() => workbench.models.remove({ id: 'sample' })).toThrow(
      'the model "sample" is built in and stays',
    );
    expect(() => workbench.datasets.remove({ id: 'sample' })).toThrow(
      'the dataset "sample" is built in and stays',
    );
  });

  test('is found where the program has moved to, as the same model', async () => {
    const [before] = workbench.models.list();
    renameSync(world.path('app'), world.path('moved'));
    await reopen(world.path('moved'));
    expect(workbench.models.list()).toEqual([{ ...before, directory: world.path('moved', 'model') }]);
    expect(workbench.datasets.list()).toMatchObject([
      { trainFile: world.path('moved', 'data', 'moby-dick.train.jsonl') },
    ]);
  });

  test('follows a new release', async () => {
    cpSync(world.path('app'), world.path('next'), { recursive: true });
    writeFileSync(
      world.path('next', 'data', 'moby-dick.train.jsonl'),
      '{"text":"Call me"}\n{"text":"Ishmael."}\n',
    );
    await reopen(world.path('next'));
    expect(workbench.datasets.list()).toMatchObject([{ trainRows: 2 }]);
  });

  test('that is missing keeps nobody from their own work; the doctor says why', async () => {
    expect((await sampleCheck())?.status).toBe('ok');
    await reopen(world.path('nowhere'));
    expect(await sampleCheck()).toMatchObject({
      status: 'failed',
      detail: `${world.path('nowhere', 'model')}: no such folder`,
    });
    expect(workbench.models.list()).toHaveLength(1);
  });
});

describe('the doctor', () => {
  test('looks at everything the workbench stands on', async () => {
    const doctor = doctorSchema.parse(await workbench.app.doctor());
    const names = doctor.checks.map(({ name }) => name);
    expect(names).toEqual([
      'Node.js',
      'ONNX Runtime',
      'native kernels',
      'fused operators',
      'SQLite',
      'disk space',
      'webgpu',
      'cuda',
      'DirectML',
      'Core ML',
      'run queue',
      'sample',
      'Electron',
    ]);
    expect(doctor.checks.find(({ name }) => name === 'ONNX Runtime')).toMatchObject({
      status: 'ok',
      detail: '1.30.0',
    });
    expect(doctor).toMatchObject({ version: '0.0.0', dataDirectory: world.path('data') });
  });
});
