import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Thumbnail } from '../../main/api/contract.ts';
import { methods } from '../../main/api/contract.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import { createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let trainFile: string;
let id: string;
let modelId: string;
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
const stockPictures = async (): Promise<void> => {
  ({ id } = await workbench.datasets.import({ trainFile }));
  ({ id: modelId } = await workbench.models.import({ directory: writeTinyClip(world.path('clip')) }));
};

const pixelsOf = async ({ image }: Thumbnail) => {
  const { data, info } = await sharp(Buffer.from(image!.data, 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, first: [...data.subarray(0, 3)] };
};

test('what an import would make of pictures is told by their names, with one of each class', async () => {
  const found = methods['datasets.inspect'].result.parse(await workbench.datasets.inspect({ trainFile }));
  expect(found).toMatchObject({
    kind: 'pictures',
    form: 'pictures in folders named by their class',
    published: null,
    classes: ['blue', 'green', 'red'].map((name) => ({ name, train: 3, validation: null, test: 2 })),
    pictures: { train: 9, validation: null, test: 6 },
    notices: [],
    problem: null,
    samples: ['blue', 'green', 'red'].map((said) => ({
      said,
      thumbnail: { name: `train/${said}/00.png`, width: 20, height: 18, mark: 1, problem: null },
    })),
  });
});

test('a published set without its split is told before an import, with where to get it', async () => {
  const pets = await writeColourPictures(world.path('oxford_pets/images'), { train: 1, test: null });
  await expect(workbench.datasets.inspect({ trainFile: join(pets, '..') })).rejects.toThrow(
    /looks like OxfordPets, but has no split_zhou_OxfordPets\.json: get it by https:/,
  );
});

test('files that are named and not there are told before an import, and can be left out', async () => {
  const file = join(trainFile, 'few.csv');
  const rows = ['red/00.png,red', 'red/gone.png,red', 'blue/00.png,blue'].map((row) => `train/${row}`);
  writeFileSync(file, ['image,label', ...rows, ''].join('\n'));
  expect(await workbench.datasets.inspect({ trainFile: file })).toMatchObject({
    problem: expect.stringMatching(
      /few\.csv: names 1 of 3 pictures that are not in .*red\/gone\.png/,
    ) as string,
    pictures: { train: 3 },
  });
  const { format } = await workbench.datasets.import({ trainFile: file, skipBroken: true });
  expect(format).toMatchObject({ pictures: { train: 2 }, leftOut: [{ name: 'train/red/gone.png' }] });
});

test('classes are counted, and pictures are listed by part and class', async () => {
  await stockPictures();
  expect(await workbench.datasets.classes({ id })).toContainEqual({
    ...{ name: 'green', train: 3, validation: null, test: 2 },
  });
  const page = await workbench.datasets.pictures({ id, part: 'train', label: 2, from: 1, count: 10 });
  expect(page).toEqual({
    total: 3,
    pictures: ['train/red/01.png', 'train/red/02.png'].map((name) => ({
      ...{ name, label: 2, caption: null, repeats: 1, prior: false },
    })),
  });
  const all = await workbench.datasets.pictures({ id, part: 'test', label: null, from: 4, count: 1 });
  expect(all).toEqual({
    total: 6,
    pictures: [{ name: 'test/red/00.png', label: 2, caption: null, repeats: 1, prior: false }],
  });
});

test('a small picture is the whole file, no larger than asked for, or what a model sees of it', async () => {
  await stockPictures();
  const wide = sharp({ create: { width: 600, height: 200, channels: 3, background: '#c03020' } });
  writeFileSync(join(trainFile, 'train/red/00.png'), await wide.png().toBuffer());
  const names = ['train/red/00.png', 'test/blue/01.png'];
  const { thumbnails } = await workbench.datasets.thumbnails({ id, names, edge: 96 });
  methods['datasets.thumbnails'].result.parse({ thumbnails });
  expect(thumbnails.map(({ name }) => name)).toEqual(names);
  expect(thumbnails[0]).toMatchObject({ width: 600, height: 200, problem: null });
  const shown = await pixelsOf(thumbnails[0]!);
  expect(shown).toMatchObject({ width: 96, height: 32 });
  for (const [channel, value] of [192, 48, 32].entries())
    expect(Math.abs(shown.first[channel]! - value)).toBeLessThan(6);
  // What is smaller is not blown up.
  expect(thumbnails[1]!.image).toMatchObject({ width: 21, height: 19 });
  const seen = await workbench.datasets.thumbnails({ id, names, edge: 96, modelId });
  expect(seen.thumbnails.map(({ image }) => [image!.width, image!.height])).toEqual([
    [16, 16],
    [16, 16],
  ]);
});

test('a torn picture says why it is not shown, beside the others', async () => {
  await stockPictures();
  const file = join(trainFile, 'train/red/00.png');
  writeFileSync(file, readFileSync(file).subarray(0, 60));
  const names = ['train/red/00.png', 'train/red/01.png'];
  const { thumbnails } = await workbench.datasets.thumbnails({ id, names, edge: 32 });
  expect(thumbnails[0]).toMatchObject({
    image: null,
    width: null,
    problem: expect.stringMatching(/train\/red\/00\.png: breaks off or is damaged/) as string,
  });
  expect(thumbnails[1]).toMatchObject({ problem: null });
});

test('no file is shown that the set does not have, nor are rows of text', async () => {
  await stockPictures();
  writeFileSync(world.path('secret.png'), readFileSync(join(trainFile, 'train/red/00.png')));
  for (const name of ['../secret.png', world.path('secret.png'), 'train/red/99.png'])
    await expect(workbench.datasets.thumbnails({ id, names: [name], edge: 32 })).rejects.toThrow(
      `names: ${trainFile} has no picture "${name}"`,
    );
  const rows = workbench.datasets.show({ id: 'sea' }).id;
  await expect(workbench.datasets.classes({ id: rows })).rejects.toThrow(
    'dataset: "sea" has rows of text, and no pictures',
  );
});

test('prompts have their lengths in a model’s tokens', async () => {
  await stockPictures();
  const asked = await workbench.datasets.prompts({ id, modelId, template: 'a photo of a {} square .' });
  expect(asked).toEqual({
    limit: 12,
    prompts: ['blue', 'green', 'red'].map((name) => ({ text: `a photo of a ${name} square .`, tokens: 9 })),
  });
  await expect(workbench.datasets.prompts({ id, modelId, template: 'a photo' })).rejects.toThrow(
    'has no placeholder',
  );
});

test('pictures that show the same are found between the parts', async () => {
  const file = join(trainFile, 'train/red/00.png');
  writeFileSync(join(trainFile, 'test/red/again.png'), readFileSync(file));
  await stockPictures();
  expect(await workbench.datasets.sharedPictures({ id })).toEqual({
    ...{ repeated: 0, contradicting: 0, groups: [] },
    shared: { validation: 0, test: 1 },
    pairs: [{ train: 'train/red/00.png', heldOut: 'test/red/again.png', part: 'test', sameClass: true }],
  });
});

test('a model tells its layers by their paths, and how it sees pictures', async () => {
  await stockPictures();
  const layers = await workbench.models.layers({ id: modelId });
  expect(layers).toContainEqual({
    module: 'vision_model.encoder.layers.1.self_attn.q_proj',
    outFeatures: 32,
    inFeatures: 32,
  });
  expect(layers.some(({ module }) => module.startsWith('text_model.encoder.layers.0'))).toBe(true);
  expect(await workbench.models.pictureView({ id: modelId })).toMatchObject({
    ...{ width: 16, height: 16, shortestEdge: 16, filter: 'bicubic' },
  });
  await expect(workbench.models.pictureView({ id: 'tiny' })).rejects.toThrow('sees text alone');
});
