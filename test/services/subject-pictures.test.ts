import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { framingSchema, methods } from '../../main/api/contract.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';
import { createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let trainFile: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  trainFile = world.path('dogs');
  await draw('10_sks dog/a.png', 96, 64, '#c03020');
  await draw('10_sks dog/b.png', 40, 60, '#20c030');
  await draw('reg/1_dog/r.png', 64, 64, '#2030c0');
  writeFileSync(world.path('dogs/10_sks dog/a.txt'), 'red dog '.repeat(9));
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const draw = async (name: string, width: number, height: number, background: string): Promise<void> => {
  const path = world.path(`dogs/${name}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    await sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer(),
  );
};

const framing = framingSchema.parse({ resolution: 64, buckets: { step: 8, smallest: 32, largest: 128 } });

test('an import tells what it found of a subject, and keeps what was said of it', async () => {
  const found = methods['datasets.inspect'].result.parse(await workbench.datasets.inspect({ trainFile }));
  expect(found).toMatchObject({
    form: 'pictures of a subject, captions in .txt files beside them',
    as: 'subject',
    classes: [],
    subject: { source: 'txt', pictures: 2, captioned: 2, repeated: 20, classPictures: 1 },
    samples: [{ said: expect.stringContaining('red dog') as string }, { said: 'sks dog' }, { said: 'dog' }],
  });
  const pictures = { captions: 'none', transparency: 'on-white' } as const;
  const dataset = await workbench.datasets.import({ trainFile, pictures });
  methods['datasets.import'].result.parse(dataset);
  expect(dataset).toMatchObject({
    form: 'pictures of a subject, no captions',
    trainRows: 3,
    format: {
      classes: null,
      longestCaptions: [],
      subject: {
        choices: pictures,
        captions: { source: 'none', found: 0, missing: 2 },
        ...{ repeated: 20, classPictures: 1, transparent: 0, turned: 0 },
        smallest: { name: '10_sks dog/b.png', width: 40, height: 60 },
        largest: { name: '10_sks dog/a.png', width: 96, height: 64 },
      },
    },
  });
  const { pictures: listed } = await workbench.datasets.pictures({
    ...{ id: dataset.id, part: 'train', label: null, from: 0, count: 9 },
  });
  expect(listed).toMatchObject([
    { name: '10_sks dog/a.png', caption: null, repeats: 10, prior: false },
    { name: '10_sks dog/b.png', caption: null, repeats: 10, prior: false },
    { name: 'reg/1_dog/r.png', repeats: 1, prior: true },
  ]);
});

test('animations are seen by their first picture, which an import tells', async () => {
  const frames = ['#ff0000', '#00ff00'].map((background) => ({
    create: { width: 64, height: 64, channels: 3 as const, background },
  }));
  const stills = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
  await sharp(stills, { join: { animated: true } })
    .webp({ lossless: true, delay: [100, 100] })
    .toFile(world.path('dogs/10_sks dog/moves.webp'));
  writeFileSync(world.path('dogs/10_sks dog/still.png'), stills[0]!);
  // The same picture as an APNG has it: told before its pixels that there are two.
  const [head, rest] = [stills[0]!.subarray(0, 33), stills[0]!.subarray(33)];
  const control = Buffer.alloc(20);
  control.writeUInt32BE(8);
  control.write('acTL', 4);
  control.writeUInt32BE(2, 8);
  control.writeUInt32BE(crc32(control.subarray(4, 16)), 16);
  writeFileSync(world.path('dogs/10_sks dog/moves.png'), Buffer.concat([head, control, rest]));
  const dataset = await workbench.datasets.import({ trainFile });
  expect(dataset.format).toMatchObject({
    notices: expect.arrayContaining([
      'animations, of which the first picture is seen: 10_sks dog/moves.png, 10_sks dog/moves.webp',
    ]) as string[],
  });
  const { pictures } = await workbench.datasets.framed({
    ...{ id: dataset.id, framing, from: 0, count: 9, edge: 32, seed: 0, epoch: 0 },
  });
  const shown = (name: string) => pictures.find((one) => one.name.endsWith(name))?.seen?.image.data;
  expect(shown('moves.webp')).toBe(shown('still.png'));
  expect(shown('moves.png')).toBe(shown('still.png'));
});

test('a picture that would be senseless in a size is refused by the preview as by the set and by runs', async () => {
  await draw('10_sks dog/z.png', 2, 90, '#ffffff');
  writeFileSync(world.path('dogs/10_sks dog/z.txt'), 'a line');
  const { id } = await workbench.datasets.import({ trainFile });
  const asked = { id, framing: framingSchema.parse({ resolution: 64 }), from: 0, count: 9, edge: 32 };
  const { pictures } = await workbench.datasets.framed({ ...asked, seed: 0, epoch: 0 });
  expect(pictures.find(({ name }) => name.endsWith('z.png'))).toMatchObject({
    seen: null,
    problem: expect.stringContaining(
      '10_sks dog/z.png: is 2 x 90 pixels, and to cover 64 x 64 it would be',
    ) as string,
  });
  expect(pictures.filter(({ problem }) => problem !== null)).toHaveLength(1);
});

test('what training will see is shown: sizes, crops, and captions in the tokens of a model', async () => {
  const { id } = await workbench.datasets.import({ trainFile });
  const { id: modelId } = await workbench.models.import({ directory: writeTinyClip(world.path('clip')) });
  const found = methods['datasets.buckets'].result.parse(await workbench.datasets.buckets({ id, framing }));
  expect(found.buckets).toEqual([
    { width: 48, height: 80, pictures: 1, repeated: 10 },
    { width: 64, height: 64, pictures: 1, repeated: 1 },
    { width: 80, height: 48, pictures: 1, repeated: 10 },
  ]);
  expect(found.enlarged).toMatchObject({
    count: 1,
    pictures: [{ name: '10_sks dog/b.png', width: 40, height: 60 }],
  });
  const asked = { id, framing, from: 0, count: 8, edge: 40, seed: 0, epoch: 0, modelId };
  const page = methods['datasets.framed'].result.parse(await workbench.datasets.framed(asked));
  expect(page.total).toBe(3);
  const [a, b] = page.pictures;
  expect(a).toMatchObject({
    ...{ name: '10_sks dog/a.png', repeats: 10, prior: false, problem: null },
    seen: {
      ...{ width: 96, height: 64, bucket: { width: 80, height: 48 }, resized: { width: 80, height: 53 } },
      ...{ left: 0, top: 2, mirrored: false, image: { width: 40, height: 24 } },
    },
  });
  const { count, limit, kept } = a!.tokens!;
  expect(count).toBeGreaterThan(limit);
  expect(a!.caption!.startsWith(kept!)).toBe(true);
  expect(kept!.length).toBeLessThan(a!.caption!.length);
  expect(b!.tokens).toMatchObject({ kept: null });
  expect(b!.seen!.enlargement).toBeCloseTo(80 / 60);

  writeFileSync(world.path('dogs/10_sks dog/a.png'), 'torn');
  const torn = await workbench.datasets.framed({ ...asked, count: 1 });
  expect(torn.pictures[0]).toMatchObject({ seen: null, problem: expect.stringContaining('a.png') as string });
  const small = framingSchema.parse({ buckets: { upscale: false } });
  expect(await workbench.datasets.buckets({ id, framing: small })).toMatchObject({
    ...{ unreadable: 1, withoutBucket: { count: 1, pictures: [{ name: '10_sks dog/b.png' }] } },
  });
});

test('captions are counted in the tokens of a model that draws, all of its tokenizers', async () => {
  const { id } = await workbench.datasets.import({ trainFile });
  const { id: modelId, maximumPositions } = await workbench.models.import({
    directory: writeTinyPipeline(world.path('pipeline'), 'sdxl'),
  });
  const asked = { id, framing, from: 1, count: 2, edge: 40, seed: 0, epoch: 0, modelId };
  const { pictures } = await workbench.datasets.framed(asked);
  // A token a letter, and one at both ends.
  expect(pictures.map(({ caption, tokens }) => [caption, tokens])).toEqual([
    ['sks dog', { count: 8, limit: maximumPositions, kept: null }],
    ['dog', { count: 5, limit: maximumPositions, kept: null }],
  ]);
});

test('a torn picture, transparent ones, turned ones and the same one twice are told', async () => {
  const fixture = (name: string) =>
    readFileSync(new URL(`../engine/data/pictures/fixtures/pictures/${name}`, import.meta.url));
  writeFileSync(world.path('dogs/10_sks dog/c.png'), fixture('rgba.png'));
  writeFileSync(world.path('dogs/10_sks dog/d.jpg'), fixture('orientation-6.jpg'));
  writeFileSync(world.path('dogs/10_sks dog/e.jpg'), fixture('orientation-6.jpg'));
  const { format } = await workbench.datasets.import({ trainFile });
  expect(format).toMatchObject({
    subject: { transparent: 1, turned: 2 },
    notices: [
      "without a caption beside them, so that their folder's words stand for it: 10_sks dog/b.png, 10_sks dog/c.png, 10_sks dog/d.jpg, 10_sks dog/e.jpg",
      'transparency dropped, so that what lies beneath shows (often black; transparency: on-white lays them on white): 10_sks dog/c.png',
      'turned upright as their marks say: 10_sks dog/d.jpg, 10_sks dog/e.jpg',
      '1 of the pictures to train on show what an earlier one shows',
    ],
  });
  writeFileSync(world.path('dogs/10_sks dog/c.png'), fixture('rgba.png').subarray(0, 90));
  await expect(workbench.datasets.import({ trainFile })).rejects.toThrow(/c\.png: breaks off or is damaged/);
  const left = await workbench.datasets.import({ trainFile, skipBroken: true });
  expect(left.format).toMatchObject({ leftOut: [{ name: '10_sks dog/c.png' }] });
});

test('pictures of which training would see nothing are named, and no bucket is said to hold them', async () => {
  for (const [name, width, height] of [
    ['strip', 800, 2],
    ['dot', 1, 1],
  ] as const)
    await sharp({ create: { width, height, channels: 3, background: 'red' } })
      .png()
      .toFile(world.path(`dogs/10_sks dog/${name}.png`));
  const { id, format } = await workbench.datasets.import({ trainFile });
  expect(format).toMatchObject({
    notices: expect.arrayContaining([
      'less than 16 pixels on a side, so that a run at 512 refuses them (enlarged more than 32 times): 10_sks dog/dot.png (1 x 1), 10_sks dog/strip.png (800 x 2)',
      'more than 8 times as long as wide, so that training sees little of them, and a run refuses them where that is less than a 32nd: 10_sks dog/strip.png (800 x 2)',
    ]) as string[],
  });
  expect(await workbench.datasets.buckets({ id, framing: framingSchema.parse({}) })).toMatchObject({
    withoutBucket: { count: 2, pictures: [{ name: '10_sks dog/dot.png' }, { name: '10_sks dog/strip.png' }] },
  });
});

test('models that compare refuse them by name, and those of classes are no subject', async () => {
  const { id } = await workbench.datasets.import({ trainFile });
  await expect(workbench.datasets.prompts({ id, modelId: 'none', template: '{}' })).rejects.toThrow(
    'have no classes, of which a template is asked',
  );
  renameSync(world.path('dogs/reg'), world.path('dogs/cat'));
  const { id: classes } = await workbench.datasets.import({ trainFile, pictures: { as: 'classes' } });
  await expect(workbench.datasets.buckets({ id: classes, framing })).rejects.toThrow(
    'its pictures have classes, and a drawing model is trained on captions or on a subject',
  );
  await expect(
    workbench.datasets.import({ trainFile: world.path('sea.jsonl'), pictures: { as: 'subject' } }),
  ).rejects.toThrow(/pictures: .*sea\.jsonl has none; leave out what they are/);
});
