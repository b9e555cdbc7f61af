import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

let cli: CommandLine;
const path = (...names: string[]): string => join(cli.directory, ...names);
beforeAll(async () => {
  cli = createCommandLine();
  writeTinyClip(path('clip'));
  await writeColourPictures(path('colours'), { train: 3, test: 1 });
  await cli.nora('model', 'import', 'clip');
});
afterAll(() => cli.remove());

/** A set of its own, that is then made worse. */
const put = (name: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), content);
};
const copied = (name: string): string => {
  cpSync(path('colours'), path(name), { recursive: true });
  return name;
};
const sound = (): Buffer => readFileSync(path('colours/train/red/00.png'));

const chunk = (kind: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};
/** A PNG of a few bytes that says it is as large. */
const bomb = (side: number): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(1000));
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
};

const split = (train: readonly unknown[]): string => JSON.stringify({ train, val: [], test: [] });

/** What is wrong with a set: how it is made, what is imported, and the sentence. */
const sets: readonly (readonly [what: string, make: () => string, sentence: RegExp])[] = [
  [
    'one class',
    () => {
      put('one/red/0.png', sound());
      return 'one';
    },
    /one: has one class, "red": at least two are needed to tell apart/,
  ],
  [
    'a missing picture',
    () => {
      put('table/red.png', sound());
      put('table/t.csv', 'image,label\nred.png,red\nblue.png,blue\n');
      return 'table/t.csv';
    },
    /t\.csv: names 1 of 2 pictures that are not in .*table: blue\.png \(t\.csv, line 3\)/,
  ],
  [
    'a torn picture',
    () => {
      put(`${copied('torn')}/train/red/01.png`, sound().subarray(0, 200));
      return 'torn';
    },
    /torn.train.red.01\.png: breaks off or is damaged \(PNG: .*\); copy it again, or leave it out/,
  ],
  [
    'a picture of 40,000 pixels a side in some hundred bytes',
    () => {
      put(`${copied('bomb')}/train/red/01.png`, bomb(40_000));
      return 'bomb';
    },
    /01\.png: has 40,000 x 40,000 pixels; a picture may have 178,956,970 of them: make it smaller/,
  ],
  [
    'another format under a name that is read',
    () => {
      put(`${copied('ending')}/train/red/01.png`, 'GIF89a and so on');
      return 'ending';
    },
    /01\.png: is a GIF picture; pictures are read from JPEG, PNG, WebP: save it as one of these/,
  ],
  [
    "a split that names files that aren't there",
    () => {
      put('split/0.png', sound());
      put(
        'split/s.json',
        split([
          ['0.png', 0, 'red'],
          ['1.png', 1, 'blue'],
          ['2.png', 1, 'blue'],
        ]),
      );
      return 'split/s.json';
    },
    /s\.json: names 2 of 3 pictures that are not in .*: 1\.png \(s\.json: train, entry 2\), 2\.png/,
  ],
  [
    'two classes of one name',
    () => {
      for (const name of ['Red_square', 'red square']) put(`twins/${name}/0.png`, sound());
      return 'twins';
    },
    /twins: two classes have one name, "Red_square" and "red square": the model would be asked the same for both/,
  ],
  [
    'a class without pictures',
    () => {
      mkdirSync(path(copied('empty'), 'train/yellow'));
      return 'empty';
    },
    /empty.train.yellow: the class "yellow" has no pictures/,
  ],
  [
    'a picture without a caption beside it',
    () => {
      for (const name of ['0', '1']) put(`words/${name}.png`, sound());
      put('words/0.txt', 'red');
      return 'words';
    },
    /words: 1 picture has no caption beside it: 1\.png; write it one into a file of its name that ends in \.txt/,
  ],
  [
    'a Parquet file that breaks off',
    () => {
      const fixture = join(import.meta.dirname, '../engine/data/pictures/fixtures/parquet/captions.parquet');
      put('torn.parquet', readFileSync(fixture).subarray(0, 2000));
      return 'torn.parquet';
    },
    /torn\.parquet: breaks off, or is no Parquet file: it does not end as one/,
  ],
];

describe('a set is refused with a sentence that names what is wrong', () => {
  test.each(sets)('%s', async (_, make, sentence) => {
    const { code, stderr } = await cli.nora('dataset', 'import', make());
    expect(code).not.toBe(0);
    expect(stderr).toMatch(sentence);
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('    at ')),
    ).toEqual([]);
  });
});

const experiment = (pictures: string): string => `version: 1
name: It
model: clip
dataset: colours
training: { steps: 1, pictures: ${pictures} }
configurations:
  - { name: LoRA, adapter: { method: lora, rank: 2, targetModules: [q_proj] } }
`;

describe('an experiment', () => {
  test.each([
    [
      '{ template: a photo }',
      /template: .*has no placeholder, so it is the same for every class: write \{\} where/,
    ],
    ['{ shots: 16 }', /the class "(red|green|blue)" has 3 pictures, and \d+ were asked for/],
  ])('on %s is refused by name', async (pictures, sentence) => {
    await cli.nora('dataset', 'import', 'colours');
    writeFileSync(path('it.yaml'), experiment(pictures));
    const { code, stderr, stdout } = await cli.nora('experiment', 'run', 'it.yaml');
    expect(code).not.toBe(0);
    expect(stderr + stdout).toMatch(sentence);
  });
});

test('where it is asked for, what is broken is left out, counted and named; what is there twice is told', async () => {
  const name = copied('some');
  put(`${name}/train/red/01.png`, sound().subarray(0, 200));
  put(`${name}/train/blue/bomb.png`, bomb(40_000));
  put(`${name}/test/red/again.png`, sound());
  const { code, stdout, stderr } = await cli.nora('dataset', 'import', name, '--skip-broken');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^left out +2$/m);
  expect(stdout).toMatch(/^Left out: train\/red\/01\.png\n .*breaks off/m);
  expect(stdout).toMatch(/^Left out: train\/blue\/bomb\.png\n .*40,000 x 40,000 pixels/m);
  expect(stdout).toMatch(
    /1 of the pictures to test on show what one to train on shows, such as test\/red\/again\.png/,
  );
  rmSync(path(name), { recursive: true });
});
