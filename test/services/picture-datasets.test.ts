import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { datasetSchema } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import { createExperiment, createWorld, definition, runsOf } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let trainFile: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  trainFile = await writeColourPictures(world.path('colours'), { train: 3, test: 2 });
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const adapter = { method: 'lora' as const, rank: 2, targetModules: ['q_proj'] };
const onPictures = (changes: object = {}) =>
  createExperiment(workbench, {
    model: 'clip',
    dataset: 'colours',
    configurations: [{ name: 'it', adapter }],
    ...changes,
  });
const stockPictures = async (): Promise<void> => {
  await workbench.datasets.import({ trainFile });
  await workbench.models.import({ directory: writeTinyClip(world.path('clip')) });
};

test('a folder of classes is told with its classes and counts', async () => {
  await workbench.datasets.import({ trainFile });
  const shown = datasetSchema.parse(workbench.datasets.show({ id: 'colours' }));
  expect(shown).toMatchObject({
    trainFile,
    form: 'pictures in folders named by their class',
    format: {
      kind: 'pictures',
      published: null,
      classes: ['blue', 'green', 'red'],
      pictures: { train: 9, validation: null, test: 6 },
      notices: [],
    },
    columns: [],
    trainRows: 9,
    validationRows: 6,
  });
  expect(shown.bytes).toBeGreaterThan(0);
});

test('a table, and a split in the form of CoOp, are known by what is in them', async () => {
  const rows = ['red/00.png,red', 'red/01.png,red', 'blue/00.png,blue'].map((row) => `train/${row}`);
  writeFileSync(join(trainFile, 'few.csv'), ['image,label', ...rows, ''].join('\n'));
  const entry = (part: string, name: string, at: number) =>
    [`${part}/${name}/0${at}.png`, name === 'red' ? 0 : 1, name] as const;
  const split = {
    train: [entry('train', 'red', 0), entry('train', 'blue', 0)],
    val: [entry('train', 'red', 1), entry('train', 'blue', 1)],
    test: [entry('test', 'red', 0), entry('test', 'blue', 0), entry('test', 'blue', 1)],
  };
  writeFileSync(join(trainFile, 'split.json'), JSON.stringify(split));
  const few = await workbench.datasets.import({ trainFile: join(trainFile, 'few.csv') });
  expect(few.format).toMatchObject({ pictures: { train: 3, validation: null, test: null } });
  const coop = await workbench.datasets.import({ trainFile: join(trainFile, 'split.json') });
  expect(coop.format).toMatchObject({
    classes: ['red', 'blue'],
    pictures: { train: 2, validation: 2, test: 3 },
  });
});

test('what is there twice, or torn, is told at the import', async () => {
  const same = await sharp(readFileSync(join(trainFile, 'train/red/00.png')))
    .png({ compressionLevel: 1 })
    .toBuffer();
  writeFileSync(join(trainFile, 'test/red/again.png'), same);
  const { format } = await workbench.datasets.import({ trainFile });
  expect(format).toMatchObject({
    notices: [
      '1 of the pictures to test on show what one to train on shows, such as test/red/again.png (train/red/00.png): what is measured on them was seen',
    ],
  });
  writeFileSync(join(trainFile, 'train/red/torn.png'), same.subarray(0, same.length - 40));
  await expect(workbench.datasets.import({ trainFile, name: 'torn' })).rejects.toThrow('torn.png');
});

test('a caption for each picture is told, and what is said of classes is refused by name', async () => {
  const rows = ['red/00.png,a red square', 'red/00.png,"red, all of it"', 'blue/00.png,a blue square'];
  const file = join(trainFile, 'captions.csv');
  writeFileSync(file, ['image,caption', ...rows.map((row) => `train/${row}`), ''].join('\n'));
  const { format, trainRows, form } = await workbench.datasets.import({ trainFile: file });
  expect({ form, trainRows, format }).toEqual({
    form: 'pictures that a file names',
    trainRows: 3,
    format: {
      kind: 'pictures',
      published: null,
      classes: null,
      subject: null,
      longestCaptions: ['red, all of it', 'a blue square', 'a red square'],
      pictures: { train: 3, validation: null, test: null },
      leftOut: [],
      notices: [],
    },
  });
  await workbench.models.import({ directory: writeTinyClip(world.path('clip')) });
  const refused = (training: object) =>
    expect(onPictures({ dataset: 'captions', training: { steps: 2, ...training } })).rejects;
  await refused({ pictures: { shots: 2 } }).toThrow('training.pictures.shots: are counted by class');
  await refused({ pictures: { template: 'my {}' } }).toThrow('training.pictures.template: asks for a class');
  await refused({ batchSize: 1, gradientAccumulation: 4 }).toThrow(
    'training.batchSize: 1 picture has one caption',
  );
  const made = await onPictures({ dataset: 'captions', training: { steps: 2 } });
  expect(made.definition.training.pictures).toMatchObject({ shots: 'all' });
  writeFileSync(
    file,
    ['image,caption', ...rows.map((row) => `train/${row}`), ''].join('\n').replace('blue s', 'green s'),
  );
  workbench.experiments.start({ id: made.id });
  await expect
    .poll(() => runsOf(workbench, made)[0], { timeout: 20_000 })
    .toMatchObject({ status: 'failed', error: expect.stringContaining('have changed since') as string });
});

test('pictures go with models that compare, and with none of text, and the other way round', async () => {
  await stockPictures();
  await expect(onPictures({ model: 'tiny' })).rejects.toThrow(
    'dataset: the data are pictures, and the model sees text alone; choose a model that compares pictures with texts (CLIP)',
  );
  await expect(onPictures({ dataset: 'sea' })).rejects.toThrow(
    'dataset: the model compares pictures with texts, and the data has texts alone; choose a model of text, or import pictures',
  );
  await expect(
    createExperiment(workbench, { training: { steps: 2, sequenceLength: 32, pictures: {} } }),
  ).rejects.toThrow('training.pictures: the model sees text alone; leave it out');
});

test.each([
  [{ packing: true }, 'training.packing: a picture has a row of its own; switch packing off'],
  [{ lossOn: 'all' }, 'training.lossOn: says which tokens carry loss'],
  [{ neftuneAlpha: 5 }, "training.neftuneAlpha: is noise on a text's embeddings"],
  [{ baseFormat: 'int8' }, 'training.baseFormat: is not done for models of pictures yet'],
  [
    { samples: { prompts: ['x'] } },
    'training.samples: a model that compares pictures with texts writes none',
  ],
])('of text, %j is refused by name', async (training, message) => {
  await stockPictures();
  await expect(onPictures({ training: { steps: 2, ...training } })).rejects.toThrow(message);
});

test('a template without a place for the class is refused', () => {
  expect(() => definition({ training: { steps: 2, pictures: { template: 'a photo' } } })).toThrow(
    'has no placeholder, so it is the same for every class: write {} where the class is named',
  );
});

test('an experiment says what is usual for pictures, and tokens are asked of texts alone', async () => {
  await stockPictures();
  const few = await onPictures({ training: { steps: 2, pictures: { shots: 2 } } });
  expect(few.definition.training.pictures).toMatchObject({
    shots: 2,
    template: 'a photo of a {}.',
    views: 'random',
  });
  const usual = await onPictures({ name: 'Usual', training: { steps: 2 } });
  expect(usual.definition.training.pictures).toMatchObject({ shots: 'all' });
  const { id } = workbench.datasets.show({ id: 'colours' });
  const asked = { modelId: workbench.models.show({ id: 'clip' }).id, lossOn: 'completion' as const };
  await expect(
    workbench.datasets.preview({ id, ...asked, sequenceLength: 8, date: '2026-11-28', count: 1 }),
  ).rejects.toThrow(`dataset: ${trainFile} has pictures; tokens are shown of texts alone`);
  await expect(workbench.datasets.lengths({ id, ...asked, date: '2026-11-28' })).rejects.toThrow(
    'has pictures; lengths are counted of texts alone',
  );
});

test('a run on pictures that changed since is refused', async () => {
  await stockPictures();
  const experiment = await onPictures({ training: { steps: 2 } });
  const other = await sharp(readFileSync(join(trainFile, 'train/red/00.png')))
    .negate()
    .png()
    .toBuffer();
  writeFileSync(join(trainFile, 'train/red/00.png'), other);
  workbench.experiments.start({ id: experiment.id });
  await expect
    .poll(() => runsOf(workbench, experiment)[0], { timeout: 20_000 })
    .toMatchObject({
      status: 'failed',
      error: `the pictures of ${trainFile} have changed since they were imported; import them again as a new dataset`,
    });
});

test('a check finds what has changed', async () => {
  await stockPictures();
  const findings = async (): Promise<string[]> => {
    workbench.integrity.check();
    await expect.poll(() => workbench.integrity.show().status, { timeout: 20_000 }).toBe('checked');
    return workbench.integrity.show().findings.map(({ subject, problem }) => `${subject}: ${problem}`);
  };
  expect(await findings()).toEqual([]);
  writeFileSync(join(trainFile, 'train/red/more.png'), readFileSync(join(trainFile, 'train/red/00.png')));
  expect(await findings()).toEqual([
    `the data "colours": ${trainFile}: its pictures, or their classes, are other than they were`,
  ]);
});

test('what is broken is left out where that is asked, and stays out of hashes and runs whatever becomes of it', async () => {
  const torn = (name: string): void => {
    const path = join(trainFile, name);
    writeFileSync(path, readFileSync(path).subarray(0, 60));
  };
  torn('train/red/01.png');
  const sound = readFileSync(join(trainFile, 'train/red/00.png'));
  writeFileSync(join(trainFile, 'test/blue/note.png'), 'not a picture');
  const { format, trainRows } = await workbench.datasets.import({ trainFile, skipBroken: true });
  expect(trainRows).toBe(8);
  expect(format).toMatchObject({
    pictures: { train: 8, test: 6 },
    leftOut: [
      { name: 'train/red/01.png', reason: expect.stringContaining('breaks off or is damaged') as string },
      { name: 'test/blue/note.png', reason: expect.stringContaining('is no picture') as string },
    ],
  });
  const check = async (): Promise<string[]> => {
    workbench.integrity.check();
    await expect.poll(() => workbench.integrity.show().status, { timeout: 20_000 }).toBe('checked');
    return workbench.integrity.show().findings.map(({ problem }) => problem);
  };
  // Put right, or gone: it stays out.
  writeFileSync(join(trainFile, 'train/red/01.png'), sound);
  rmSync(join(trainFile, 'test/blue/note.png'));
  expect(await check()).toEqual([]);
  torn('train/red/02.png');
  expect(await check()).toEqual([`${trainFile}: its pictures, or their classes, are other than they were`]);
});

test('files that a table names and that are not there are left out where that is asked', async () => {
  const rows = ['red/00.png,red', 'red/01.png,red', 'blue/00.png,blue', 'blue/gone.png,blue'];
  const file = join(trainFile, 'few.csv');
  writeFileSync(file, ['image,label', ...rows.map((row) => `train/${row}`), ''].join('\n'));
  await expect(workbench.datasets.import({ trainFile: file })).rejects.toThrow(
    'few.csv: names 1 of 4 pictures that are not in',
  );
  const { format } = await workbench.datasets.import({ trainFile: file, skipBroken: true });
  expect(format).toMatchObject({
    pictures: { train: 3 },
    leftOut: [{ name: 'train/blue/gone.png', reason: expect.stringContaining('no such file') as string }],
  });
  await expect(
    workbench.datasets.import({ trainFile: world.path('sea.jsonl'), skipBroken: true }),
  ).rejects.toThrow('skipBroken: ');
});

test('pictures in Parquet are unpacked into the cache, and again where that was emptied', async () => {
  const fixtures = join(import.meta.dirname, '../engine/data/pictures/fixtures/parquet');
  cpSync(join(fixtures, 'classes'), world.path('shards'), { recursive: true });
  const { format, form } = await workbench.datasets.import({ trainFile: world.path('shards') });
  expect(form).toBe('pictures in Parquet');
  expect(format).toMatchObject({
    classes: ['green', 'red', 'blue'],
    pictures: { train: 9, validation: null, test: 3 },
  });
  const { id } = workbench.datasets.show({ id: 'shards' });
  const page = { id, part: 'train' as const, label: null, from: 0, count: 1 };
  expect(await workbench.datasets.pictures(page)).toMatchObject({
    total: 9,
    pictures: [{ name: 'train-00000-of-00002/0000001.png', label: 1 }],
  });
  rmSync(world.path('data/cache'), { recursive: true, force: true });
  workbench.integrity.check();
  await expect.poll(() => workbench.integrity.show().status, { timeout: 30_000 }).toBe('checked');
  expect(workbench.integrity.show().findings).toEqual([]);
});
