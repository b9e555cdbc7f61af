import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openImported } from '../../../../main/engine/data/pictures/sets/open-imported.ts';
import {
  openPictureSet,
  type OpenOptions,
} from '../../../../main/engine/data/pictures/sets/open-picture-set.ts';
import type { PictureSet, SubjectSet } from '../../../../main/engine/data/pictures/sets/picture-set.ts';
import { contentOfSet } from '../../../../main/engine/data/pictures/sets/set-content.ts';
import { captionedSet, subjectOf } from '../../../../main/engine/data/pictures/sets/subject-set.ts';
import type { SubjectChoices } from '../../../../main/engine/data/pictures/subject-format.ts';
import { picturePath } from './fixtures.ts';

let folder = '';
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'subject-')))));
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: string[]): string => join(folder, ...names);
const put = (name: string, text: string | Uint8Array): void => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const draw = (...names: string[]): void => {
  for (const name of names) {
    mkdirSync(dirname(at(name)), { recursive: true });
    copyFileSync(picturePath('photo-09.jpg'), at(name));
  }
};
const open = (options: OpenOptions = {}, within = ''): PictureSet => openPictureSet(at(within), options).set;
const subject = (choices: SubjectChoices = {}, within = ''): SubjectSet => {
  const set = open({ as: 'subject', subject: choices }, within);
  if (set.kind !== 'subject') throw new Error(`is of ${set.kind}`);
  return set;
};
/** Each picture as `name: caption x repeats`, and a mark for class pictures. */
const told = ({ parts }: SubjectSet): string[] =>
  parts.train.map(
    ({ name, caption, repeats, prior }) => `${prior ? '(class) ' : ''}${name}: ${caption ?? '-'} x${repeats}`,
  );

describe('a folder of pictures of one subject', () => {
  test('is one without captions, decoded as diffusers does', () => {
    draw('b.jpg', 'a.png');
    const set = open();
    expect(set).toMatchObject({
      kind: 'subject',
      captions: 'none',
      decoding: { orientation: 'as-marked', transparency: 'dropped' },
      parts: { validation: null, test: null },
      notices: [],
    });
    expect(told(set as SubjectSet)).toEqual(['a.png: - x1', 'b.jpg: - x1']);
    expect(told(subject({ repeats: 20 }))).toEqual(['a.png: - x20', 'b.jpg: - x20']);
    expect(subject({ orientation: 'as-stored', transparency: 'on-white' }).decoding).toEqual({
      orientation: 'as-stored',
      transparency: 'on-white',
    });
  });

  test('class pictures lie in a folder beside them, by its usual name or as said', () => {
    draw('a.jpg', 'reg/1.jpg', 'reg/more/2.jpg');
    expect(told(open() as SubjectSet)).toEqual([
      'a.jpg: - x1',
      '(class) reg/1.jpg: - x1',
      '(class) reg/more/2.jpg: - x1',
    ]);
    draw('dogs/3.jpg');
    expect(told(subject({ classPictures: 'dogs' }))).toEqual([
      'a.jpg: - x1',
      'reg/1.jpg: - x1',
      'reg/more/2.jpg: - x1',
      '(class) dogs/3.jpg: - x1',
    ]);
    for (const name of ['cats', '../x', '/etc', 'dogs/3.jpg', ''])
      expect(() => subject({ classPictures: name })).toThrow(
        `classPictures: ${folder} has no folder "${name}"`,
      );
  });

  test('folders are classes still, and parts are parts', () => {
    draw('cat/1.jpg', 'dog/1.jpg', 'loose.jpg');
    expect(open()).toMatchObject({ kind: 'classes', classes: ['cat', 'dog'] });
    expect(told(subject())).toEqual(['loose.jpg: - x1', 'cat/1.jpg: - x1', 'dog/1.jpg: - x1']);
    draw('parts/train/x/1.jpg', 'parts/val/2.jpg');
    expect(subject({}, 'parts').parts).toMatchObject({
      train: [{ name: 'train/x/1.jpg' }],
      validation: [{ name: 'val/2.jpg', repeats: 1 }],
    });
  });

  test('names are captions where that is chosen, and those of a camera are told', () => {
    draw('a red dog.jpg', 'IMG_0001.jpg', '20240102-153000.png');
    const set = subject({ captions: 'file-names' });
    expect(told(set)).toEqual([
      '20240102-153000.png: 20240102-153000 x1',
      'IMG_0001.jpg: IMG_0001 x1',
      'a red dog.jpg: a red dog x1',
    ]);
    expect(set.notices).toEqual([
      'named as a camera names pictures, so that their names say nothing of them: 20240102-153000.png, IMG_0001.jpg',
    ]);
  });

  test('videos and unknown files are named and passed over', () => {
    draw('a.jpg');
    for (const name of ['b.MP4', 'c.psd', 'd.npz']) put(name, 'x');
    expect(open().notices).toEqual([
      'passed over, being videos: b.MP4',
      'passed over, being no pictures by their endings: c.psd, d.npz',
    ]);
  });
});

test.each(['sks dog', '10_', '-3_dog', '1.5_dog'])('one folder %j within points to the subject', (name) => {
  draw(`${name}/a.jpg`);
  expect(() => open()).toThrow(
    `has one class, "${name}": at least two are needed to tell apart; if these are pictures of a subject to draw, say so (--as subject), or choose the folder within; kohya calls such a folder by a whole number of repeats and words, as in 10_sks dog`,
  );
  expect(told(subject())).toEqual([`${name}/a.jpg: - x1`]);
});

describe('captions beside pictures', () => {
  test('a line may end as it did on old Macs, and what is no text is refused', () => {
    draw('a.jpg');
    put('a.txt', 'a dog\rand more');
    expect(told(subjectOf(open()))).toEqual(['a.jpg: a dog x1']);
    put('a.txt', 'a\0 \0d\0');
    expect(() => open()).toThrow(`${at('a.txt')}: holds the character NUL`);
    expect(() => subject()).toThrow(`${at('a.txt')}: holds the character NUL`);
    put('table.jsonl', JSON.stringify({ file_name: 'a.jpg', text: 'a\0dog' }));
    expect(() => open({}, 'table.jsonl')).toThrow('table.jsonl, line 1, text: holds the character NUL');
  });

  test.each(['a.txt', 'table.jsonl'])('an empty one says what may stand for it: %s', (name) => {
    draw('a.jpg');
    put(name, name === 'a.txt' ? '' : JSON.stringify({ file_name: 'a.jpg', text: '' }));
    expect(() => open({}, name === 'a.txt' ? '' : name)).toThrow(
      "or have a run's instance prompt stand for it (--missing-captions instance-prompt)",
    );
  });

  test('.txt and .caption; a set in which each has one is one of captions, too', () => {
    draw('a.jpg', 'b.jpg');
    put('a.caption', 'a dog\nand more');
    put('b.caption', ' two ');
    expect(open()).toMatchObject({ kind: 'captions', captions: 'caption' });
    expect(told(subjectOf(open()))).toEqual(['a.jpg: a dog x1', 'b.jpg: two x1']);
    expect(told(subject({ repeats: 3 }))).toEqual(['a.jpg: a dog x3', 'b.jpg: two x3']);
    expect(subject({ repeats: 3 }).notices).toEqual([
      'of several lines, of which the first is the caption: a.caption',
    ]);
    put('a.txt', 'of the other kind');
    expect(() => open()).toThrow(
      'has captions in files that end in .txt (1) and in .caption (2): say which are meant, captions txt or caption',
    );
    const chosen = subject({ captions: 'caption' });
    expect(told(chosen)).toEqual(['a.jpg: a dog x1', 'b.jpg: two x1']);
    expect(chosen.notices).toContain('texts beside pictures that are not read: a.txt');
    expect(told(subject({ captions: 'none' }))).toEqual(['a.jpg: - x1', 'b.jpg: - x1']);
  });

  test('missing and empty ones are named, or a prompt stands for them; so are captions without a picture', () => {
    draw('a.jpg', 'b.jpg', 'c.jpg');
    put('b.txt', 'a dog');
    put('c.txt', ' \n');
    put('gone.txt', 'no picture');
    expect(() => open()).toThrow(
      `${folder}: 2 pictures have no caption beside them: a.jpg, c.jpg; write each one into a file of its name that ends in .txt, or have a run's instance prompt stand for it (--missing-captions instance-prompt)`,
    );
    const set = subject({ missingCaptions: 'instance-prompt' });
    expect(told(set)).toEqual(['a.jpg: - x1', 'b.jpg: a dog x1', 'c.jpg: - x1']);
    expect(set.notices).toEqual([
      "without a caption, so that a run's instance prompt stands for it: a.jpg",
      "with an empty caption, so that a run's instance prompt stands for it: c.jpg",
      'captions without a picture: gone.txt',
    ]);
  });

  test('in another encoding than UTF-8 they are refused by name; a mark of UTF-8 is none of the caption', () => {
    draw('a.jpg');
    put('a.txt', Buffer.from('ein Hündchen', 'latin1'));
    expect(() => open()).toThrow(`${at('a.txt')}: not UTF-8 text`);
    put('a.txt', Buffer.from('\ufeffa dog', 'utf16le'));
    expect(() => open()).toThrow(`${at('a.txt')}: not UTF-8 text`);
    put('a.txt', '\ufeffa dog');
    expect(told(subjectOf(open()))).toEqual(['a.jpg: a dog x1']);
  });

  test.each([
    [{ captions: 'txt' }, 'captions: no picture of FOLDER has a file of its name that ends in .txt'],
    [{ captions: 'folder-names' }, 'captions: the folders of FOLDER have no words, as in 10_sks dog'],
  ] as const)('%j that is not there is refused', (choices, message) => {
    draw('a.jpg');
    expect(() => subject(choices)).toThrow(message.replace('FOLDER', folder));
  });
});

describe("kohya's folders", () => {
  test('say repeats, and words where no caption is beside a picture', () => {
    draw('10_sks dog/a.jpg', '10_sks dog/b.jpg', '2_sks dog, toy/c.jpg', 'notes/no picture');
    rmSync(at('notes'), { recursive: true });
    expect(told(open() as SubjectSet)).toEqual([
      '10_sks dog/a.jpg: sks dog x10',
      '10_sks dog/b.jpg: sks dog x10',
      '2_sks dog, toy/c.jpg: sks dog, toy x2',
    ]);
    put('10_sks dog/b.txt', 'sks dog on a beach');
    const set = open() as SubjectSet;
    expect([set.captions, told(set)[1]]).toEqual(['txt', '10_sks dog/b.jpg: sks dog on a beach x10']);
    expect(told(set)[0]).toBe('10_sks dog/a.jpg: sks dog x10');
    expect(set.notices).toEqual([
      "without a caption beside them, so that their folder's words stand for it: 10_sks dog/a.jpg, 2_sks dog, toy/c.jpg",
    ]);
  });

  test('with reg beside, above them or in img', () => {
    draw('img/5_sks dog/a.jpg', 'reg/1_dog/r.jpg', 'log/x.jpg');
    rmSync(at('log'), { recursive: true });
    expect(told(open() as SubjectSet)).toEqual([
      'img/5_sks dog/a.jpg: sks dog x5',
      '(class) reg/1_dog/r.jpg: dog x1',
    ]);
    draw('flat/5_sks dog/a.jpg', 'flat/reg/r.jpg', 'flat/loose.jpg');
    const set = open({}, 'flat') as SubjectSet;
    expect(told(set)).toEqual(['5_sks dog/a.jpg: sks dog x5', '(class) reg/r.jpg: - x1']);
    expect(set.notices).toEqual(['passed over, lying beside the folders that are read: loose.jpg']);
  });

  test('are not two classes, unless that is said; numbered classes are not repeats', () => {
    draw('10_cat/1.jpg', '10_dog/1.jpg');
    expect(open().kind).toBe('subject');
    expect(open({ as: 'classes' })).toMatchObject({ classes: ['10_cat', '10_dog'] });
    draw('numbered/1_cat/1.jpg', 'numbered/2_dog/1.jpg', 'numbered/3_owl/1.jpg');
    expect(open({}, 'numbered').kind).toBe('classes');
    expect(told(subject({}, 'numbered'))[1]).toBe('2_dog/1.jpg: - x1');
    draw('mixed/10_cat/1.jpg', 'mixed/dog/1.jpg');
    expect(() => open({}, 'mixed')).toThrow(
      'has a folder that says how often its pictures are repeated ("10_cat") and one that does not ("dog"); say subject',
    );
    expect(open({ as: 'classes' }, 'mixed')).toMatchObject({ kind: 'classes', classes: ['10_cat', 'dog'] });
    expect(told(subject({}, 'mixed'))).toEqual(['10_cat/1.jpg: cat x10']);
    expect(subject({}, 'mixed').notices).toEqual([
      'passed over, lying beside the folders that are read: dog',
    ]);
  });

  test("are found in `img` beside kohya_ss's other folders, in which lie pictures that it drew", () => {
    draw('img/5_sks dog/a.jpg', 'reg/1_dog/r.jpg', 'model/sample/drawn.png', 'log/curve.png');
    const set = open() as SubjectSet;
    expect(told(set)).toEqual(['img/5_sks dog/a.jpg: sks dog x5', '(class) reg/1_dog/r.jpg: dog x1']);
    expect(set.notices).toEqual(['passed over, lying beside the folders that are read: log, model']);
  });

  test('repeats that are none, too many, or said twice are refused', () => {
    draw('0_dog/a.jpg');
    expect(() => open()).toThrow(
      `${folder}: "0_dog" says that its pictures are repeated 0 times; it should be 1 to 10,000`,
    );
    rmSync(at('0_dog'), { recursive: true });
    draw('10_dog/a.jpg');
    expect(() => subject({ repeats: 2 })).toThrow(`repeats: the folders of ${folder} say how often`);
  });
});

describe('one file of captions', () => {
  const rows = '{"file_name": "a.jpg", "text": "a dog"}\n{"file_name": "b.jpg", "text": ""}\n';

  test("Hugging Face's imagefolder, by its folder or its table", () => {
    draw('a.jpg', 'b.jpg');
    put('metadata.jsonl', rows.replace('""', '"two"'));
    for (const within of ['', 'metadata.jsonl'])
      expect(told(subjectOf(open({}, within)))).toEqual(['a.jpg: a dog x1', 'b.jpg: two x1']);
    expect(told(subject({ repeats: 4 }))).toEqual(['a.jpg: a dog x4', 'b.jpg: two x4']);
    expect(() => subject({ captions: 'txt' }, 'metadata.jsonl')).toThrow(
      'captions: is said of a folder of pictures, and metadata.jsonl has their captions',
    );
  });

  test('an empty caption is refused by its line, or a prompt stands for it', () => {
    draw('a.jpg', 'b.jpg');
    put('metadata.jsonl', rows);
    expect(() => open()).toThrow('metadata.jsonl, line 2, text: is empty; write the caption');
    expect(told(subject({ missingCaptions: 'instance-prompt' }))).toEqual(['a.jpg: a dog x1', 'b.jpg: - x1']);
  });
});

test('what is said of pictures has to fit them', () => {
  draw('a.jpg', 'classes/cat/1.jpg', 'classes/dog/1.jpg');
  put('t.csv', 'image,label\nclasses/cat/1.jpg,cat\nclasses/dog/1.jpg,dog\n');
  expect(() => open({ as: 'classes', subject: { repeats: 2 } })).toThrow(
    'repeats: is a choice for pictures of a subject, and these are to be read as pictures of classes',
  );
  expect(() => open({ as: 'captions' })).toThrow('none of its pictures has a caption beside it');
  expect(() => open({ as: 'subject' }, 't.csv')).toThrow(
    'its pictures have classes, and a drawing model is trained',
  );
  expect(() => open({ as: 'captions' }, 't.csv')).toThrow(
    't.csv: has no captions: leave out what its pictures are',
  );
  expect(() => captionedSet(subject({}, 'classes'))).toThrow('to compare pictures with texts import them');
});

test('what was chosen is what is opened again, and its content says it', async () => {
  draw('10_dog/a.jpg', '10_dog/b.jpg');
  const imported = { trainFile: folder, cacheDirectory: null };
  const format = { leftOut: [], classes: null };
  const chosen = { choices: { captions: 'none' } as SubjectChoices };
  const again = (await openImported({
    ...imported,
    format: { ...format, subject: chosen as never },
  })) as SubjectSet;
  expect(told(again)).toEqual(['10_dog/a.jpg: - x10', '10_dog/b.jpg: - x10']);
  const sums = new Set<string>();
  for (const choices of [{}, { captions: 'none' }, { captions: 'none', orientation: 'as-stored' }] as const)
    sums.add((await contentOfSet(subject(choices))).sha256);
  sums.add((await contentOfSet(open({ as: 'subject' }))).sha256);
  expect(sums.size).toBe(3);
});
