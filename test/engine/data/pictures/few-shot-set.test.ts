import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  createPictureLoader,
  examplesOf,
} from '../../../../main/engine/data/pictures/loading/picture-loader.ts';
import { promptsOf } from '../../../../main/engine/data/pictures/prompts/templates.ts';
import { openPictureSet } from '../../../../main/engine/data/pictures/sets/open-picture-set.ts';
import { publishedSets } from '../../../../main/engine/data/pictures/sets/published-sets.ts';
import { fewShotSet } from '../../../../main/engine/data/pictures/shots/few-shot-set.ts';
import {
  surveyPictures,
  withoutBroken,
} from '../../../../main/engine/data/pictures/survey/survey-pictures.ts';
import { clipView } from '../../../../main/engine/data/pictures/views/picture-view.ts';
import { clipLoraVariation } from '../../../../main/engine/data/pictures/views/random-view.ts';
import { createPythonRandom } from '../../../../main/engine/data/pictures/shots/python-random.ts';
import { root } from '../../../support/paths.ts';
import { picturePath } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'few-shot-'));
afterAll(() => rmSync(folder, { recursive: true }));

const draw = (name: string, fixture: string): string => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  copyFileSync(picturePath(fixture), join(folder, name));
  return name;
};

test('from a published folder to what the model takes: split, survey, shots, prompts, batches', async () => {
  const classes = ['woven', 'knitted_fabric', 'lace'];
  const part = (name: string, each: number) =>
    classes.flatMap((called, label) =>
      Array.from({ length: each }, (_, at) => {
        const picture = `${called}/${name}-${at}.jpg`;
        draw(`images/${picture}`, `textile-${(label + at) % 4}.jpg`);
        return [picture, label, called];
      }),
    );
  const split = { train: part('train', 6), val: part('val', 3), test: part('test', 2) };
  writeFileSync(join(folder, 'split_zhou_DescribableTextures.json'), JSON.stringify(split));

  const { set, published } = openPictureSet(folder);
  const { set: sound } = withoutBroken(set, await surveyPictures(set), false);
  const few = fewShotSet(sound, { shots: 2, seed: 1, repeat: false });

  // As Python: random.seed(1), two of each class of val, then of train.
  const random = createPythonRandom(1);
  const expected = (['val', 'train'] as const).map((name) =>
    classes.flatMap((_, label) =>
      random.sample(
        split[name].filter(([, of]) => of === label),
        2,
      ),
    ),
  );
  expect([few.parts.validation, few.parts.train].map((entries) => entries?.map(({ name }) => name))).toEqual(
    expected.map((entries) => entries.map(([name]) => name)),
  );
  expect(few.parts.test).toHaveLength(6);

  const { template } = publishedSets.find(({ name }) => name === published)!;
  expect(promptsOf(few.classes, template)).toEqual([
    'woven texture.',
    'knitted fabric texture.',
    'lace texture.',
  ]);

  const loader = createPictureLoader({
    folder: few.folder,
    entries: few.parts.train,
    view: clipView,
    orientation: 'as-stored',
    batchSize: 4,
    variation: clipLoraVariation,
    seed: 1,
    epochs: 1,
    epochEnd: 'small-batch',
  });
  const batch = await loader.next();
  const examples = examplesOf(batch!);
  expect(examples.map(({ label, name }) => name.startsWith(classes[label]!))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(examples.map(({ picture }) => picture().length)).toEqual(Array(4).fill(3 * 224 * 224));
  expect(examples[1]!.picture()[0]).toBe(batch!.pixels[3 * 224 * 224]);
  expect((await loader.next())?.entries).toHaveLength(2);
  expect(await loader.next()).toBeNull();
});

test('captions have no shots', () => {
  draw('captions/a.jpg', 'photo-09.jpg');
  writeFileSync(join(folder, 'captions/t.csv'), 'image,caption\na.jpg,A thing\n');
  const { set } = openPictureSet(join(folder, 'captions/t.csv'));
  expect(() => fewShotSet(set, { shots: 1, seed: 1, repeat: false })).toThrow(
    /shots: the pictures of .*captions have captions, and shots are counted by class/,
  );
});

test('the page has every published set: its file, its folder, its prompt and where it is from', () => {
  const page = readFileSync(join(root, 'docs/pictures.md'), 'utf8');
  for (const { name, layout, template, source } of publishedSets) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} `)) ?? '';
    const named = layout.kind === 'split' ? [layout.split, layout.pictures] : [];
    for (const text of [...named, template, source]) expect(row, name).toContain(text);
  }
});
