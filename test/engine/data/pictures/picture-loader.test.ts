import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { createBudget } from '../../../../main/engine/data/pictures/decode/budget.ts';
import {
  createPictureLoader,
  sequentialPictures,
  type LoaderOptions,
  type PictureBatch,
} from '../../../../main/engine/data/pictures/loading/picture-loader.ts';
import type { PictureEntry } from '../../../../main/engine/data/pictures/sets/picture-set.ts';
import { clipView, type PictureView } from '../../../../main/engine/data/pictures/views/picture-view.ts';
import { clipLoraVariation } from '../../../../main/engine/data/pictures/views/random-view.ts';
import { digest, expectedPictures, fixtures } from './fixtures.ts';

const scratch = mkdtempSync(join(tmpdir(), 'loader-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const folder = join(fixtures, 'pictures');
const named = (names: readonly string[]): PictureEntry[] => names.map((name) => ({ name, place: name }));
const entries = named(expectedPictures.slice(0, 11).map(([name]) => name));
const small: PictureView = {
  ...clipView,
  resize: { kind: 'shortest-edge', edge: 24, filter: 'bicubic' },
  crop: { width: 24, height: 24 },
};
const usual: LoaderOptions<PictureEntry> = {
  folder,
  entries,
  view: small,
  orientation: 'as-stored',
  batchSize: 4,
  variation: clipLoraVariation,
  seed: 5,
  epochs: 3,
  epochEnd: 'runs-on',
};

const told = ({ entries, pixels }: PictureBatch<PictureEntry>): string =>
  `${entries.map(({ name }) => name).join(' ')} ${digest(pixels)}`;

const loadAll = async (changed: Partial<LoaderOptions<PictureEntry>> = {}): Promise<string[]> => {
  const loader = createPictureLoader({ ...usual, ...changed });
  const batches: string[] = [];
  for (let batch = await loader.next(); batch !== null; batch = await loader.next())
    batches.push(told(batch));
  return batches;
};

test('every picture comes once an epoch, in another order and seen otherwise', async () => {
  const batches = await loadAll({ batchSize: 11 });
  expect(batches).toHaveLength(3);
  const orders = batches.map((batch) => batch.split(' ').slice(0, 11));
  for (const order of orders) expect(order.toSorted()).toEqual(entries.map(({ name }) => name).toSorted());
  expect(new Set(orders.map((order) => order.join(' '))).size).toBe(3);
  const still = await loadAll({ batchSize: 1, variation: null });
  expect(new Set(still).size).toBe(11);
  expect(new Set(await loadAll({ batchSize: 1 })).size).toBe(33);
});

test('what is loaded depends on nothing that concerns speed', async () => {
  const batches = await loadAll();
  expect(batches).toHaveLength(9);
  expect(await loadAll({ ahead: 0, limits: { files: 1, pixels: 1 } })).toEqual(batches);
  expect(await loadAll({ ahead: 5, limits: { files: 16, pixels: 1e9 } })).toEqual(batches);
  expect(await loadAll({ seed: 6 })).not.toEqual(batches);
});

test('a small batch ends an epoch where that is asked for, as in the published code', async () => {
  const sizes = async (epochEnd: 'runs-on' | 'small-batch') =>
    (await loadAll({ epochEnd, epochs: 2 })).map((batch) => batch.split(' ').length - 1);
  expect(await sizes('runs-on')).toEqual([4, 4, 4, 4, 4, 2]);
  expect(await sizes('small-batch')).toEqual([4, 4, 3, 4, 4, 3]);
});

test.each(['runs-on', 'small-batch'] as const)(
  'goes on bit for bit from any state, prepared batches forgotten (%s)',
  async (epochEnd) => {
    const whole = await loadAll({ epochEnd });
    for (let stop = 0; stop < whole.length; stop++) {
      const first = createPictureLoader({ ...usual, epochEnd, ahead: 3 });
      for (let batch = 0; batch < stop; batch++) await first.next();
      const state = JSON.parse(JSON.stringify(first.state())) as ReturnType<typeof first.state>;
      await first.close();
      expect(await loadAll({ epochEnd, state })).toEqual(whole.slice(stop));
    }
  },
);

test('a state of other pictures, and what no batches can be made of', async () => {
  const state = { seed: 5, examples: 10, epoch: 0, row: 0 };
  expect(() => createPictureLoader({ ...usual, state })).toThrow(
    "the checkpoint's place in the pictures was saved with 10 of them and seed 5, now there are 11 and seed 5",
  );
  expect(() => createPictureLoader({ ...usual, entries: [] })).toThrow(
    'there are no pictures to make batches of',
  );
  expect(() => createPictureLoader({ ...usual, batchSize: 0 })).toThrow(
    'batch size: 0 is not a whole number',
  );
  await expect(loadAll({ ahead: -1 })).rejects.toThrow('batches ahead: -1 is not a whole number');
});

test('in order, for evaluation: all of the fixtures as CLIP sees them', async () => {
  const all = expectedPictures.map(([name]) => name);
  const digests: string[] = [];
  const options = { ...usual, entries: named(all), view: clipView, batchSize: 16 };
  for await (const { entries, pixels, width, height } of sequentialPictures(options))
    for (let at = 0; at < entries.length; at++)
      digests.push(digest(pixels.subarray(at * 3 * width * height, (at + 1) * 3 * width * height)));
  expect(digests).toEqual(expectedPictures.map(([, { clip }]) => clip));
});

describe('a picture that cannot be read', () => {
  const names = Array.from({ length: 8 }, (_, at) => `${at}.jpg`);
  for (const name of names) copyFileSync(join(folder, 'photo-00.jpg'), join(scratch, name));
  writeFileSync(join(scratch, '5.jpg'), 'torn');
  const options = { ...usual, folder: scratch, entries: named(names), batchSize: 2, ahead: 3 };

  test('is named when its batch is due, again and again; those before it are given', async () => {
    const loader = createPictureLoader(options);
    const given: string[] = [];
    const message = `${join(scratch, '5.jpg')}: is no picture`;
    await expect(
      (async () => {
        for (;;) given.push(...(await loader.next())!.entries.map(({ name }) => name));
      })(),
    ).rejects.toThrow(message);
    const without = await loadAll({
      ...options,
      entries: named(names.map((n) => (n === '5.jpg' ? '4.jpg' : n))),
    });
    const order = without.flatMap((batch) => batch.split(' ').slice(0, 2));
    expect(given).toEqual(order.slice(0, given.length));
    await expect(loader.next()).rejects.toThrow(message);
    await loader.close();
  });

  test('nor a link that leads out, made after the set was opened', async () => {
    symlinkSync(join(folder, 'photo-00.jpg'), join(scratch, 'out.jpg'));
    await expect(loadAll({ ...options, entries: named(['out.jpg']) })).rejects.toThrow(
      'leads out of its folder',
    );
  });
});

test('closed, it begins no further picture', async () => {
  const loader = createPictureLoader({ ...usual, ahead: 5, limits: { files: 1, pixels: 1 } });
  await loader.next();
  const from = performance.now();
  await loader.close();
  expect(performance.now() - from).toBeLessThan(1000);
  await expect(loader.next()).rejects.toThrow('the loader was closed');
});

test('a budget is kept, first come first served; what is larger is alone', async () => {
  const budget = createBudget(10);
  const order: number[] = [];
  let taken = 0;
  let most = 0;
  const amounts = [4, 4, 4, 30, 1, 9, 10, 2];
  await Promise.all(
    amounts.map((amount, index) =>
      budget(amount, async () => {
        order.push(index);
        taken += Math.min(10, amount);
        most = Math.max(most, taken);
        await new Promise((resolve) => setTimeout(resolve, 5));
        taken -= Math.min(10, amount);
        if (index === 2) throw new Error('fails, and gives back what it took');
      }).catch(() => undefined),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBeLessThanOrEqual(10);
});

test('many large pictures take no more memory than a few', async () => {
  const large = join(scratch, 'large.jpg');
  await sharp({ create: { width: 2000, height: 1500, channels: 3, background: '#369' } })
    .jpeg()
    .toFile(large);
  const names = Array.from({ length: 16 }, () => 'large.jpg');
  const limits = { files: 16, pixels: 2000 * 1500 };
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
  await loadAll({
    folder: scratch,
    entries: named(names),
    variation: null,
    epochs: 1,
    batchSize: 16,
    limits,
  });
  clearInterval(watch);
  // All at once: 16 x 9 MB of pixels, and as much again within the library.
  expect((most - before) / 2 ** 20).toBeLessThan(120);
});
