import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { readText } from '../../../formats/json-text.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { readClassFolders } from './class-folders.ts';
import { checkedName, type ClassifiedSet, type LabelledPicture, type Parts } from './picture-set.ts';
import { publishedSets, splitSource, type PublishedSet } from './published-sets.ts';
import { readSplitFile, twinNotices } from './split-file.ts';

/** Which published set lies in a folder, by the files that only it has; null for another. */
export const publishedSetIn = (folder: string): PublishedSet | null => {
  const has = (...names: string[]): boolean => existsSync(join(folder, ...names));
  const found = publishedSets.find(({ layout }) => {
    switch (layout.kind) {
      case 'split':
        return has(layout.split);
      case 'aircraft':
        return has('variants.txt') && has('images_variant_train.txt');
      case 'imagenet':
        return layout.pictures.some((within) => has(within, 'train', 'n01440764'));
    }
  });
  return found ?? null;
};

/** The one that a folder is called by, when what tells it is not there: to say what is missing. */
const calledAs = (folder: string): PublishedSet | undefined =>
  publishedSets.find(({ folders, layout }) => {
    if (layout.kind === 'imagenet' || !folders.includes(basename(folder))) return false;
    return layout.pictures === '' || existsSync(join(folder, layout.pictures));
  });

/**
 * Refuses a published set without the file that says who is in which part: as folders of classes it would be another protocol.
 * @throws WorkbenchError naming the file, and where to get it
 */
export const refuseWithoutSplit = (folder: string): void => {
  const { name, layout } = calledAs(folder) ?? {};
  if (layout?.kind !== 'split') return;
  throw new WorkbenchError(
    'not-found',
    `${folder}: looks like ${name!}, but has no ${layout.split}: get it by ${splitSource}, or give the folder another name to read it without`,
  );
};

/** One of the eleven, in the parts in which results are published. @throws WorkbenchError naming the file */
export const readPublished = (folder: string, { name, layout, source }: PublishedSet): ClassifiedSet => {
  switch (layout.kind) {
    case 'split': {
      const pictures = layout.pictures === '' ? folder : pathIn(folder, layout.pictures);
      if (!existsSync(pictures))
        throw new WorkbenchError(
          'not-found',
          `${pictures}: the pictures of ${name} are not there; get them from ${source}`,
        );
      return readSplitFile(pathIn(folder, layout.split), pictures, { keepTwins: true });
    }
    case 'aircraft':
      return readAircraft(folder, layout.pictures);
    case 'imagenet':
      return readImageNet(
        folder,
        layout.pictures.find((within) => existsSync(join(folder, within, 'train')))!,
      );
  }
};

const linesOf = (folder: string, file: string): string[] =>
  readText(pathIn(folder, file))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** "word rest of the line" */
const cutAtSpace = (line: string, place: string): [string, string] => {
  const at = line.indexOf(' ');
  if (at === -1) throw invalidInput(`${place}: has one word; a name and a class were expected`);
  return [line.slice(0, at), line.slice(at + 1).trim()];
};

const readAircraft = (folder: string, pictures: string): ClassifiedSet => {
  const classes = linesOf(folder, 'variants.txt');
  const labels = new Map(classes.map((name, label) => [name, label]));
  const read = (part: string): LabelledPicture[] => {
    const file = `images_variant_${part}.txt`;
    return linesOf(folder, file).map((line, index) => {
      const place = `${file}, line ${index + 1}`;
      const [picture, name] = cutAtSpace(line, place);
      const label = labels.get(name);
      if (label === undefined) throw invalidInput(`${place}: the class "${name}" is not in variants.txt`);
      return { name: checkedName(`${picture}.jpg`, place), place, label };
    });
  };
  const parts = { train: read('train'), validation: read('val'), test: read('test') };
  const within = pathIn(folder, pictures);
  const source = 'images_variant_*.txt';
  return { kind: 'classes', folder: within, source, classes, parts, notices: twinNotices(classes) };
};

/** Its own validation pictures are tested on, so those to validate with are drawn from those to train on. */
const readImageNet = (folder: string, within: string): ClassifiedSet => {
  if (!existsSync(join(folder, 'classnames.txt')))
    throw new WorkbenchError(
      'not-found',
      `${join(folder, 'classnames.txt')}: is not there: the folders of ImageNet have numbers for names; get it by ${splitSource}`,
    );
  const spoken = new Map(
    linesOf(folder, 'classnames.txt').map((line, index) =>
      cutAtSpace(line, `classnames.txt, line ${index + 1}`),
    ),
  );
  const set = readClassFolders(within === '' ? folder : pathIn(folder, within));
  const classes = set.classes.map((name) => {
    const known = spoken.get(name);
    if (known === undefined) throw invalidInput(`classnames.txt: says nothing of the folder ${name}`);
    return known;
  });
  const { train, validation } = set.parts;
  if (validation === null)
    throw new WorkbenchError('not-found', `${folder}: has no folder "val", which ImageNet is tested on`);
  const parts: Parts<LabelledPicture> = { train, validation: null, test: validation };
  return { ...set, classes, parts, notices: [...set.notices, ...twinNotices(classes)] };
};
