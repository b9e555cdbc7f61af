import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { promptsOf } from '../../../../main/engine/data/pictures/prompts/templates.ts';
import { openPictureSet } from '../../../../main/engine/data/pictures/sets/open-picture-set.ts';
import { pathOf, type PictureSet } from '../../../../main/engine/data/pictures/sets/picture-set.ts';
import { publishedSets } from '../../../../main/engine/data/pictures/sets/published-sets.ts';
import { picturePath } from './fixtures.ts';

let folder = '';
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'sets-')))));
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: string[]): string => join(folder, ...names);
const put = (name: string, text: string): string => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  return at(name);
};
const draw = (...names: string[]): void => {
  for (const name of names) {
    mkdirSync(dirname(at(name)), { recursive: true });
    copyFileSync(picturePath('photo-09.jpg'), at(name));
  }
};
const open = (...names: string[]): PictureSet => openPictureSet(at(...names)).set;
const labels = (set: PictureSet, part: 'train' | 'validation' | 'test') => {
  if (set.kind !== 'classes') throw new Error('not of classes');
  return set.parts[part]?.map(({ name, label }) => [name, set.classes[label]]) ?? null;
};

describe('a folder for each class', () => {
  test('classes and pictures are in the order of ImageFolder, folders within a class too', () => {
    draw(
      'dog/b.jpg',
      'dog/A.jpg',
      'cat/2.png',
      'cat/10.png',
      'cat/sub/x.webp',
      'Zebra/1.JPEG',
      '猫/1.jpg',
      '🐈/1.jpg',
    );
    put('cat/notes.txt', 'x');
    put('.DS_Store', 'x');
    put('README.md', 'x');
    const set = open();
    expect(set).toMatchObject({
      kind: 'classes',
      classes: ['Zebra', 'cat', 'dog', '猫', '🐈'],
      parts: { validation: null, test: null },
      notices: ['left out, being neither a picture by its ending nor a folder of a part: cat/notes.txt'],
    });
    expect(labels(set, 'train')?.map(([name]) => name)).toEqual([
      'Zebra/1.JPEG',
      'cat/10.png',
      'cat/2.png',
      'cat/sub/x.webp',
      'dog/A.jpg',
      'dog/b.jpg',
      '猫/1.jpg',
      '🐈/1.jpg',
    ]);
  });

  test('parts are told by their folders; a class may be called train', () => {
    draw('Train/cat/1.jpg', 'Train/dog/1.jpg', 'val/cat/2.jpg', 'test/dog/3.jpg', 'other/x.jpg');
    const set = open();
    expect(labels(set, 'train')).toEqual([
      ['Train/cat/1.jpg', 'cat'],
      ['Train/dog/1.jpg', 'dog'],
    ]);
    expect(labels(set, 'validation')).toEqual([['val/cat/2.jpg', 'cat']]);
    expect(labels(set, 'test')).toEqual([['test/dog/3.jpg', 'dog']]);
    expect(set.notices).toEqual([expect.stringContaining('folder of a part: other')]);
    draw('vehicles/train/1.jpg', 'vehicles/car/1.jpg');
    expect(open('vehicles')).toMatchObject({ classes: ['car', 'train'] });
  });

  test.each([
    [['cat/1.jpg'], 'has one class, "cat": at least two are needed to tell apart'],
    [
      ['Golden_Retriever/1.jpg', 'golden retriever/2.jpg'],
      'two classes have one name, "Golden_Retriever" and "golden retriever": the model would be asked the same for both',
    ],
    [['train/a/1.jpg', 'train/b/1.jpg', 'test/c/1.jpg'], 'there is no class of this name to train on'],
    [
      ['train/a/1.jpg', 'train/b/1.jpg', 'val/a/1.jpg', 'valid/a/1.jpg'],
      '"val" and "valid" are both for validation',
    ],
  ])('%j is refused', (names, message) => {
    draw(...names);
    expect(() => open()).toThrow(message);
  });

  test('a class without pictures, an empty folder, and none', () => {
    draw('cat/1.jpg');
    mkdirSync(at('dog'));
    expect(() => open()).toThrow(`${at('dog')}: the class "dog" has no pictures`);
    expect(() => open('dog')).toThrow('has no pictures in folders named by their class');
    expect(() => open('none')).toThrow(`${at('none')}: no such file`);
  });

  test('links are followed within the folder, and no further', () => {
    draw('set/cat/1.jpg', 'set/dog/1.jpg', 'elsewhere/secret/1.jpg');
    symlinkSync('dog', at('set/wolf'));
    symlinkSync(join('..', 'cat', '1.jpg'), at('set/dog/2.jpg'));
    expect(labels(open('set'), 'train')).toHaveLength(5);
    symlinkSync(at('elsewhere/secret/1.jpg'), at('set/cat/2.jpg'));
    expect(() => open('set')).toThrow('leads out of its folder');
    rmSync(at('set/cat/2.jpg'));
    const set = open('set');
    rmSync(at('set/cat/1.jpg'));
    symlinkSync(at('elsewhere/secret/1.jpg'), at('set/cat/1.jpg'));
    expect(() => pathOf(set, set.parts.train[0]!)).toThrow('leads out of its folder');
    symlinkSync(at('elsewhere'), at('set/out'));
    expect(() => open('set')).toThrow('leads out of its folder');
  });

  test('a circle of links ends', () => {
    draw('cat/1.jpg', 'dog/1.jpg');
    symlinkSync('.', at('cat/again'));
    expect(() => open()).toThrow('folders lie more than 16 deep within each other');
  });
});

describe('a text file beside each picture', () => {
  test('is its caption: the first line that is not empty', () => {
    draw('dogs/a.jpg', 'dogs/b.png', 'more/c.jpg');
    put('dogs/a.txt', '\n a dog \r\nanother line\n');
    put('dogs/b.txt', 'two dogs, running');
    put('dogs/more.txt', 'of no picture');
    expect(() => open()).toThrow(
      `${folder}: 1 picture has no caption beside it: more/c.jpg; write it one into a file of its name that ends in .txt`,
    );
    put('more/c.txt', '\n\n');
    expect(() => open()).toThrow(`${at('more/c.txt')}: is empty; write the caption`);
    put('more/c.txt', 'x'.repeat(2 ** 17));
    expect(() => open()).toThrow('more/c.txt: has 1 MiB');
    put('more/c.txt', 'a cat');
    expect(open()).toMatchObject({
      kind: 'captions',
      parts: {
        train: [
          { name: 'dogs/a.jpg', caption: 'a dog' },
          { name: 'dogs/b.png', caption: 'two dogs, running' },
          { name: 'more/c.jpg', caption: 'a cat' },
        ],
        test: null,
      },
      notices: [expect.stringContaining('dogs/more.txt')],
    });
  });

  test('in folders of parts', () => {
    for (const name of ['train/x/1', 'test/2', 'val/3']) {
      draw(`${name}.jpg`);
      put(`${name}.txt`, `of ${name}`);
    }
    expect(open()).toMatchObject({
      parts: {
        train: [{ caption: 'of train/x/1' }],
        validation: [{ caption: 'of val/3' }],
        test: [{ caption: 'of test/2' }],
      },
    });
  });
});

describe('a table', () => {
  test('CSV of path and class, with parts', () => {
    draw('a.jpg', 'in/b.jpg', 'c.jpg', 'd.jpg');
    put('t.csv', 'image,label,split\na.jpg,cat,train\n./in/b.jpg,dog,train\nc.jpg,dog,val\nd.jpg,cat,test\n');
    const set = open('t.csv');
    expect(labels(set, 'train')).toEqual([
      ['a.jpg', 'cat'],
      ['in/b.jpg', 'dog'],
    ]);
    expect(labels(set, 'validation')).toEqual([['c.jpg', 'dog']]);
    expect(labels(set, 'test')).toEqual([['d.jpg', 'cat']]);
    expect(set.parts.train[1]!.place).toBe('t.csv, line 3');
  });

  test('JSON lines of path and caption, as datasets has them; columns by their names, or as said', () => {
    draw('images/a.jpg', 'images/b.jpg');
    put(
      'images/metadata.jsonl',
      '{"file_name": "a.jpg", "text": "A red kangaroo."}\n{"file_name": "b.jpg", "text": "Two"}\n',
    );
    expect(open('images', 'metadata.jsonl')).toMatchObject({
      kind: 'captions',
      parts: { train: [{ name: 'a.jpg', caption: 'A red kangaroo.' }, { caption: 'Two' }], test: null },
    });
    put('odd.json', '[{"where": "a.jpg", "kind": 2}, {"where": "b.jpg", "kind": 10}]');
    const columns = { picture: 'where', said: { kind: 'classes', column: 'kind' }, part: null } as const;
    const { set } = openPictureSet(at('odd.json'), { columns, folder: at('images') });
    expect(set).toMatchObject({ classes: ['2', '10'], folder: at('images') });
  });

  test.each([
    [
      'label\ncat',
      'no column is called file_name, image, image_path, path or the like, so say which holds the paths',
    ],
    ['image,x\na.jpg,1', 'so say which holds the classes or captions (it has image, x)'],
    ['image,label\na.jpg,cat\nb.jpg,', 't.csv, line 3, label: the label is empty'],
    ['image,label\na.jpg,cat\n,dog', 't.csv, line 3, image: must be the path of a picture, as text'],
    [
      'image,label\na.jpg,cat\n../b.jpg,dog',
      't.csv, line 3, image: "../b.jpg" is no name of a file within the folder',
    ],
    ['image,label\na.jpg,cat\n/etc/b.jpg,dog', '"/etc/b.jpg" is no name of a file within the folder'],
    ['image,label\na.jpg,cat\nin\\..\\..\\b.jpg,dog', 'is no name of a file within the folder'],
    [
      'image,label,split\na.jpg,cat,learn',
      't.csv, line 2, split: is "learn"; it should be train, val or test',
    ],
    ['image,label\na.jpg,cat', 'has one class, "cat"'],
    ['image,label\na.jpg,cat\na.jpg,Cat', 'two classes have one name, "cat" and "Cat"'],
    [
      'image,label,split\na.jpg,cat,train\na.jpg,dog,train\na.jpg,owl,test',
      'line 4: the class "owl" has no picture to train on',
    ],
    [
      'image,label\na.jpg,cat\nx.jpg,dog\ny.jpg,dog',
      't.csv: names 2 of 3 pictures that are not in FOLDER: x.jpg (t.csv, line 3), y.jpg (t.csv, line 4)',
    ],
    ['image,label', 'holds no rows'],
  ])('%j is refused', (text, message) => {
    draw('a.jpg');
    put('t.csv', text);
    expect(() => open('t.csv')).toThrow(message.replace('FOLDER', folder));
  });

  test('a wrong column is named, and what is no table', () => {
    draw('a.jpg');
    put('t.csv', 'image,label\na.jpg,cat\n');
    const columns = { picture: 'images', said: { kind: 'classes', column: 'label' }, part: null } as const;
    expect(() => openPictureSet(at('t.csv'), { columns })).toThrow(
      't.csv: has no column "images"; did you mean image? (it has image, label)',
    );
    put('t.parquet', 'PAR1....');
    expect(() => open('t.parquet')).toThrow(
      'is Parquet, whose pictures are looked at when they are imported',
    );
    expect(() => open('a.jpg')).toThrow('a.jpg: ');
  });
});

describe("CoOp's splits", () => {
  const split = {
    train: [
      ['cats/1.jpg', 1, 'grey_cat'],
      ['dogs/1.jpg', 0, 'dog'],
    ],
    val: [['cats/2.jpg', 1, 'grey_cat']],
    test: [['dogs/2.jpg', 0, 'dog']],
  };
  const names = ['cats/1.jpg', 'dogs/1.jpg', 'cats/2.jpg', 'dogs/2.jpg'];

  test("a person's own, beside its pictures or apart", () => {
    draw(...names);
    put('mine.json', JSON.stringify(split));
    const set = open('mine.json');
    expect(set).toMatchObject({ classes: ['dog', 'grey_cat'], notices: [] });
    expect(labels(set, 'validation')).toEqual([['cats/2.jpg', 'grey_cat']]);
    put('apart/mine.json', JSON.stringify(split));
    expect(openPictureSet(at('apart/mine.json'), { folder }).set).toMatchObject({ folder });
  });

  const changed = (change: object): string => JSON.stringify({ ...split, ...change });
  test.each([
    [
      'a label with two names',
      changed({ val: [['cats/2.jpg', 0, 'cat']] }),
      's.json: val, entry 1: the label 0 is called "cat", and "dog" before (s.json: train, entry 2)',
    ],
    [
      'a class that is never trained',
      changed({ test: [['dogs/2.jpg', 2, 'owl']] }),
      's.json: test, entry 1: the class "owl" (label 2) has no picture to train on',
    ],
    [
      'a gap',
      changed({ train: [...split.train, ['dogs/2.jpg', 3, 'owl']] }),
      's.json: labels go up to 3, and no picture has the label 2',
    ],
    [
      'twins',
      changed({ train: [...split.train, ['dogs/2.jpg', 2, 'Grey Cat']] }),
      'two classes have one name, "grey_cat" and "Grey Cat"',
    ],
    [
      'missing files',
      changed({ val: [['cats/9.jpg', 1, 'grey_cat']] }),
      's.json: names 1 of 4 pictures that are not in FOLDER: cats/9.jpg (s.json: val, entry 1)',
    ],
    [
      'a way out',
      changed({ val: [['../../x.jpg', 1, 'grey_cat']] }),
      's.json: val, entry 1: "../../x.jpg" is no name of a file within the folder',
    ],
    ['a wrong form', changed({ val: [['cats/2.jpg', '1', 'grey_cat']] }), 's.json: val[0][1]: expected'],
    ['no pictures', changed({ train: [], val: [], test: [] }), 's.json: has no pictures to train on'],
  ])('%s is refused', (_, text, message) => {
    draw(...names);
    put('s.json', text);
    expect(() => open('s.json')).toThrow(message.replace('FOLDER', folder));
  });

  test.each(publishedSets.filter(({ layout }) => layout.kind === 'split'))(
    '$name is known by its file, and its pictures lie in its folder',
    ({ name, layout }) => {
      if (layout.kind !== 'split') throw new Error('unreachable');
      const within = layout.pictures === '' ? 'root' : `root/${layout.pictures}`;
      draw(...names.map((picture) => `${within}/${picture}`));
      // A published name twice is told, not refused.
      const twice = { ...split, train: [...split.train, ['dogs/2.jpg', 2, 'dog']] };
      put(`root/${layout.split}`, JSON.stringify(twice));
      const opened = openPictureSet(at('root'));
      expect(opened.published).toBe(name);
      expect(opened.set).toMatchObject({ folder: at(within), classes: ['dog', 'grey_cat', 'dog'] });
      expect(opened.set.notices).toEqual([
        expect.stringContaining('2 classes are called "dog", as published'),
      ]);
      expect(openPictureSet(at('root', layout.split))).toEqual(opened);
    },
  );

  test('a published folder without its split says where to get it', () => {
    draw('dtd/images/banded/1.jpg', 'dtd/images/dotted/1.jpg');
    expect(() => open('dtd')).toThrow(
      /looks like DescribableTextures, but has no split_zhou_DescribableTextures.json: get it by https:/,
    );
    put('eurosat/split_zhou_EuroSAT.json', JSON.stringify(split));
    expect(() => open('eurosat')).toThrow(
      /2750: the pictures of EuroSAT are not there; get them from https:/,
    );
  });
});

test('FGVCAircraft, by its own lists', () => {
  draw('data/images/0001.jpg', 'data/images/0002.jpg', 'data/images/0003.jpg');
  put('data/variants.txt', '707-320\nDC-9 30\n');
  put('data/images_variant_train.txt', '0001 DC-9 30\n0002 707-320\n');
  put('data/images_variant_val.txt', '0003 707-320\n');
  put('data/images_variant_test.txt', '0003 707-320\n');
  const { set, published } = openPictureSet(at('data'));
  expect(published).toBe('FGVCAircraft');
  expect(labels(set, 'train')).toEqual([
    ['0001.jpg', 'DC-9 30'],
    ['0002.jpg', '707-320'],
  ]);
  put('data/images_variant_test.txt', '0003 747\n');
  expect(() => open('data')).toThrow(
    'images_variant_test.txt, line 1: the class "747" is not in variants.txt',
  );
});

test.each(['images/', ''])('ImageNet, its pictures in "%s"', (within) => {
  draw(`${within}train/n01440764/a.JPEG`, `${within}train/n01443537/b.JPEG`, `${within}val/n01440764/c.JPEG`);
  expect(() => open()).toThrow(
    'classnames.txt: is not there: the folders of ImageNet have numbers for names',
  );
  put('classnames.txt', 'n01440764 tench\nn01443537 great white shark\nn9 missile\n');
  const { set, published } = openPictureSet(folder);
  expect(published).toBe('ImageNet');
  expect(set).toMatchObject({ classes: ['tench', 'great white shark'], parts: { validation: null } });
  expect(labels(set, 'test')).toEqual([['val/n01440764/c.JPEG', 'tench']]);
});

test('prompts', () => {
  expect(publishedSets).toHaveLength(11);
  expect(promptsOf(['grey_cat', '$& dog'], 'a photo of a {}, a type of pet.')).toEqual([
    'a photo of a grey cat, a type of pet.',
    'a photo of a $& dog, a type of pet.',
  ]);
  for (const { template } of publishedSets) expect(promptsOf(['x'], template)[0]).toContain('x');
  expect(() => promptsOf(['x'], 'a photo')).toThrow(
    'template: "a photo" has no placeholder, so it is the same for every class',
  );
  expect(() => promptsOf(['x'], '{} and {}')).toThrow('has the placeholder {} more than once');
  expect(() => promptsOf(['x'], '{} {name}')).toThrow('has other braces than the placeholder {}');
});
