import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPictureSet } from '../../../../main/engine/data/pictures/sets/open-picture-set.ts';
import { findSharedPictures } from '../../../../main/engine/data/pictures/survey/find-shared.ts';
import {
  surveyPictures,
  withoutBroken,
} from '../../../../main/engine/data/pictures/survey/survey-pictures.ts';
import { picturePath } from './fixtures.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'survey-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  return join(folder, name);
};
const copy = (fixture: string, name: string): void => copyFileSync(picturePath(fixture), at(name));
const torn = (name: string): void =>
  writeFileSync(at(name), readFileSync(picturePath('photo-00.jpg')).subarray(0, 999));

test('sizes, marks and what is broken', async () => {
  copy('photo-00.jpg', 'cat/1.jpg');
  copy('orientation-6.jpg', 'dog/1.jpg');
  torn('dog/2.jpg');
  const { set } = openPictureSet(folder);
  const done: number[] = [];
  const survey = await surveyPictures(set, { onPicture: (count, of) => done.push(count / of) });
  expect(done.at(-1)).toBe(1);
  expect(survey.get('cat/1.jpg')).toMatchObject({ kind: 'sound', width: 320, height: 240, mark: 1 });
  expect(survey.get('dog/1.jpg')).toMatchObject({ kind: 'sound', width: 150, height: 100, mark: 6 });
  expect(survey.get('dog/2.jpg')).toMatchObject({
    kind: 'broken',
    reason: expect.stringContaining('breaks off') as string,
  });
  await expect(surveyPictures(set, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
});

test('broken pictures are refused by name, or left out and counted', async () => {
  copy('photo-00.jpg', 'cat/1.jpg');
  copy('photo-02.jpg', 'dog/1.jpg');
  torn('dog/2.jpg');
  torn('cat/2.jpg');
  const { set } = openPictureSet(folder);
  const survey = await surveyPictures(set);
  expect(() => withoutBroken(set, survey, false)).toThrow(
    /cat\/2\.jpg: breaks off or is damaged .*; copy it again, or leave it out \(and 1 more that can't be read\); an import leaves such pictures out .* \(--skip-broken\)$/,
  );
  const sound = withoutBroken(set, survey, true);
  expect(sound.set.parts.train.map(({ name }) => name)).toEqual(['cat/1.jpg', 'dog/1.jpg']);
  expect(sound.leftOut).toEqual(
    ['cat/2.jpg', 'dog/2.jpg'].map((name) => ({
      name,
      reason: expect.stringMatching(/: breaks off/) as string,
    })),
  );
  rmSync(join(folder, 'dog/1.jpg'));
  const poorer = openPictureSet(folder).set;
  const found = await surveyPictures(poorer);
  expect(() => withoutBroken(poorer, found, true)).toThrow(
    'of the class "dog" no picture to train on can be read',
  );
  rmSync(join(folder, 'cat/1.jpg'));
  const poorest = openPictureSet(folder).set;
  const nothing = await surveyPictures(poorest);
  expect(() => withoutBroken(poorest, nothing, true)).toThrow('no picture to train on can be read');
  rmSync(join(folder, 'cat/2.jpg'));
});

test('pictures that show the same are found by their pixels, whatever the files are', async () => {
  copy('rgb.png', 'train/cat/1.png');
  copy('rgb.png', 'train/cat/again.png');
  copy('rgb.png', 'train/dog/also.png');
  copy('photo-00.jpg', 'train/dog/1.jpg');
  copy('photo-02.jpg', 'val/dog/other.jpg');
  copy('photo-00.jpg', 'val/dog/same.jpg');
  await sharp(readFileSync(picturePath('rgb.png')))
    .webp({ lossless: true })
    .toFile(at('test/cat/same.webp'));
  copy('photo-00.jpg', 'test/cat/wrong.jpg');
  const { set } = openPictureSet(folder);
  const survey = await surveyPictures(set);
  expect(findSharedPictures(set, survey, 10)).toEqual({
    repeated: 2,
    contradicting: 1,
    groups: [['train/cat/1.png', 'train/cat/again.png', 'train/dog/also.png']],
    shared: { validation: 1, test: 2 },
    pairs: [
      { train: 'train/cat/1.png', heldOut: 'test/cat/same.webp', part: 'test', sameClass: false },
      { train: 'train/dog/1.jpg', heldOut: 'test/cat/wrong.jpg', part: 'test', sameClass: false },
      { train: 'train/dog/1.jpg', heldOut: 'val/dog/same.jpg', part: 'validation', sameClass: true },
    ],
  });
  expect(findSharedPictures(set, survey, 1)).toMatchObject({
    groups: [{}],
    pairs: [{}],
    shared: { test: 2 },
  });
});
