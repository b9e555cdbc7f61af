import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPictures } from '../../../../main/engine/data/pictures/sets/open-pictures.ts';
import { openParquet } from '../../../../main/engine/data/pictures/sets/parquet/parquet-file.ts';
import { pathOf } from '../../../../main/engine/data/pictures/sets/picture-set.ts';
import { contentOfSet } from '../../../../main/engine/data/pictures/sets/set-content.ts';
import {
  surveyPictures,
  withoutBroken,
} from '../../../../main/engine/data/pictures/survey/survey-pictures.ts';

const fixtures = join(import.meta.dirname, 'fixtures/parquet');
let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parquet-')));
  cpSync(fixtures, join(folder, 'sets'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]): string => join(folder, 'sets', ...names);
const open = (...names: string[]) => openPictures(at(...names), {}, join(folder, 'cache'));

describe('classes in shards, as datasets writes them', () => {
  test('have the names, the order and the parts that the files say, whatever each is packed with', async () => {
    const { set } = await open('classes');
    expect(set).toMatchObject({
      kind: 'classes',
      classes: ['green', 'red', 'blue'],
      parts: { validation: null },
    });
    if (set.kind !== 'classes') throw new Error('not of classes');
    const said = (part: 'train' | 'test') =>
      set.parts[part]!.map(({ name, place, label }) => [name, place, set.classes[label]]);
    expect(said('train')).toEqual([
      ['train-00000-of-00002/0000001.png', 'train-00000-of-00002.parquet, row 1', 'red'],
      ['train-00000-of-00002/0000002.png', 'train-00000-of-00002.parquet, row 2', 'green'],
      ['train-00000-of-00002/0000003.png', 'train-00000-of-00002.parquet, row 3', 'blue'],
      ['train-00000-of-00002/0000004.jpg', 'train-00000-of-00002.parquet, row 4', 'red'],
      ['train-00000-of-00002/0000005.jpg', 'train-00000-of-00002.parquet, row 5', 'green'],
      ['train-00000-of-00002/0000006.jpg', 'train-00000-of-00002.parquet, row 6', 'blue'],
      ['train-00001-of-00002/0000001.png', 'train-00001-of-00002.parquet, row 1', 'red'],
      ['train-00001-of-00002/0000002.png', 'train-00001-of-00002.parquet, row 2', 'green'],
      ['train-00001-of-00002/0000003.png', 'train-00001-of-00002.parquet, row 3', 'blue'],
    ]);
    expect(said('test').map(([, , name]) => name)).toEqual(['red', 'green', 'blue']);
    const first = await sharp(pathOf(set, set.parts.train[0]!)).raw().toBuffer({ resolveWithObject: true });
    expect(first.info).toMatchObject({ width: 20, height: 18 });
    expect([...first.data.subarray(3, 6)]).toEqual([200, 40, 40]);
    const { leftOut } = withoutBroken(set, await surveyPictures(set), false);
    expect(leftOut).toEqual([]);
  });

  test('are unpacked once, and anew where the cache was emptied or a file is another', async () => {
    const first = (await open('classes')).set;
    expect((await open('classes')).set).toEqual(first);
    const { sha256 } = await contentOfSet(first);
    rmSync(join(folder, 'cache'), { recursive: true });
    const again = (await open('classes')).set;
    expect(again).toEqual(first);
    const path = at('classes/train-00001-of-00002.parquet');
    writeFileSync(path, readFileSync(path));
    const written = (await open('classes')).set;
    expect(written.folder).not.toBe(first.folder);
    expect(await contentOfSet(written)).toMatchObject({ sha256 });
  });

  test('are not kept under what a file was like before it was written anew', async () => {
    const path = at('classes/train-00001-of-00002.parquet');
    const opening = open('classes');
    writeFileSync(path, readFileSync(path));
    await expect(opening).rejects.toThrow(`${at('classes')}: was changed while it was unpacked; try again`);
    expect(readdirSync(join(folder, 'cache/pictures'))).toEqual([]);
    expect((await open('classes')).set.parts.train).toHaveLength(9);
  });

  test('two at a time unpack the same', async () => {
    const [one, other] = await Promise.all([open('classes'), open('classes')]);
    expect(one).toEqual(other);
  });
});

test('captions, and classes without names', async () => {
  const { set } = await open('captions.parquet');
  expect(set).toMatchObject({
    kind: 'captions',
    parts: {
      train: [{ caption: 'a red picture, 0', place: 'captions.parquet, row 1' }, {}, {}, {}, {}, {}],
      test: null,
    },
  });
  expect((await open('numbers.parquet')).set).toMatchObject({ kind: 'classes', classes: ['0', '1', '2'] });
});

test.each([
  [
    'rows.parquet',
    'rows.parquet: is a Parquet file without a column of pictures (parts bytes and path), only text; write texts as JSON lines first',
  ],
  ['minus.parquet', 'minus.parquet, row 2, label: is -1, and the classes are 0 to 2'],
  ['paths.parquet', 'paths.parquet, row 1, image: has no bytes of a picture; a path alone'],
  ['lz4.parquet', 'lz4.parquet: breaks off, or is damaged, or is Parquet of a kind that is not read'],
  ['classes/train-00000-of-00002.parquet', 'is one of 2 files of a set; give their folder'],
])('%s is refused by name', async (name, message) => {
  await expect(open(name)).rejects.toThrow(message);
});

test('a shard that is missing, or of no part, is named', async () => {
  cpSync(at('captions.parquet'), at('classes/more.parquet'));
  await expect(open('classes')).rejects.toThrow('more.parquet: its name says no part');
  rmSync(at('classes/more.parquet'));
  rmSync(at('classes/train-00001-of-00002.parquet'));
  await expect(open('classes')).rejects.toThrow(
    'train-00001-of-00002.parquet: is not there, and train-00000-of-00002',
  );
});

describe('a file that is not what it says', () => {
  const bytes = (): Buffer => readFileSync(at('captions.parquet'));
  const refused = async (changed: Uint8Array, message: string | RegExp): Promise<void> => {
    writeFileSync(at('captions.parquet'), changed);
    await expect(open('captions.parquet')).rejects.toThrow(message);
  };
  test('breaks off', async () => {
    const whole = bytes();
    await refused(
      whole.subarray(0, whole.length - 20),
      'captions.parquet: breaks off, or is no Parquet file',
    );
    await refused(whole.subarray(0, 10), 'captions.parquet: is no Parquet file: it has 10 bytes');
  });
  test('says that a gigabyte describes it', async () => {
    const changed = bytes();
    changed.writeUInt32LE(2 ** 30, changed.length - 8);
    await refused(changed, 'says that 1,073,741,824 bytes describe it');
  });
  test('is damaged in its middle', async () => {
    const changed = bytes();
    changed.fill(0xff, 4, 200);
    await refused(changed, /captions\.parquet: /);
  });
  test('a page that says it is larger than all that is read at once is never unpacked', async () => {
    // The first page's header: its type, then its size unpacked as a zigzag number.
    const changed = bytes();
    const file = await openParquet(at('captions.parquet'));
    file.close();
    let refusals = 0;
    for (let place = 4; place < 40; place++) {
      const one = Buffer.from(changed);
      one.fill(0xff, place, place + 4);
      writeFileSync(at('captions.parquet'), one);
      const before = process.memoryUsage().arrayBuffers;
      const error: unknown = await open('captions.parquet').catch((reason: unknown) => reason);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
      if (error instanceof Error) {
        refusals += 1;
        expect(error.name, error.stack).toBe('WorkbenchError');
      }
    }
    expect(refusals).toBeGreaterThan(10);
  });
});
