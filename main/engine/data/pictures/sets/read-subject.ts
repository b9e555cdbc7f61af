import { basename, extname } from 'node:path';
import { invalidInput } from '../../../errors.ts';
import { listed } from '../../../suggestions.ts';
import { plainDecoding, type Decoding } from '../decode/decoding.ts';
import type { CaptionSource, SubjectChoices } from '../subject-format.ts';
import { refuseBoth, refuseMissingCaptions } from './caption-files.ts';
import {
  captionEndings,
  captionFileOf,
  countBeside,
  readBeside,
  type BesideSource,
} from './captions-beside.ts';
import type { PartName, SubjectPicture, SubjectSet } from './picture-set.ts';
import { passedOver, subjectLayout, type PictureGroup } from './subject-layout.ts';

const isBeside = (source: CaptionSource): source is BesideSource => Object.hasOwn(captionEndings, source);

/** diffusers turns pictures upright and drops what shows through. */
export const decodingOf = ({ orientation, transparency }: SubjectChoices): Decoding => ({
  orientation: orientation ?? 'as-marked',
  transparency: transparency ?? plainDecoding.transparency,
});

/**
 * Pictures of a subject: those of a folder, with captions beside them, in their names, in their folder's name as kohya has it, or with none.
 * @throws WorkbenchError naming pictures without a caption where others have one, unless a run's instance prompt may stand for it
 */
export const readSubject = (folder: string, choices: SubjectChoices): SubjectSet => {
  const { groups, others, notices } = subjectLayout(folder, choices);
  const source = sourceOf(folder, groups, others, choices.captions);
  const left = new Set(others);
  const found: Found = { missing: [], empty: [], worded: [], several: [] };
  const read = (group: PictureGroup): SubjectPicture[] =>
    group.names.map((name) => ({
      name,
      place: name,
      caption: captionOf({ folder, name, group, source, left, found }),
      repeats: group.repeats,
      prior: group.prior,
    }));
  const part = (wanted: PartName): SubjectPicture[] =>
    groups.filter((group) => group.part === wanted).flatMap(read);
  const has = (wanted: PartName): boolean => groups.some((group) => group.part === wanted);
  const parts = {
    train: part('train'),
    validation: has('validation') ? part('validation') : null,
    test: has('test') ? part('test') : null,
  };
  const without = [...found.missing, ...found.empty];
  if (isBeside(source) && choices.missingCaptions !== 'instance-prompt')
    refuseMissingCaptions(folder, source, without);
  return {
    kind: 'subject',
    folder,
    source: folder,
    captions: source,
    decoding: decodingOf(choices),
    parts,
    notices: [...notices, ...captionNotices(source, found, parts.train), ...leftNotices([...left], source)],
  };
};

interface Found {
  /** Pictures without a file beside them, and with an empty one. */
  readonly missing: string[];
  readonly empty: string[];
  /** Those that take their folder's words instead. */
  readonly worded: string[];
  /** Files of several lines. */
  readonly several: string[];
}

interface CaptionQuestion {
  readonly folder: string;
  readonly name: string;
  readonly group: PictureGroup;
  readonly source: CaptionSource;
  readonly left: Set<string>;
  readonly found: Found;
}

/** kohya's trainers take a folder's words for each picture in it without a caption. Class pictures need none. */
const captionOf = ({ folder, name, group, source, left, found }: CaptionQuestion): string | null => {
  if (source === 'file-names' && !group.prior) return basename(name, extname(name)).trim();
  if (!isBeside(source)) return source === 'none' ? null : group.words;
  const file = captionFileOf(name, source);
  const isThere = left.delete(file);
  if (isThere) {
    const { text, lines } = readBeside(folder, file);
    if (lines > 1) found.several.push(file);
    if (text !== null) return text;
  }
  if (group.prior) return group.words;
  if (group.words !== null) found.worded.push(name);
  else (isThere ? found.empty : found.missing).push(name);
  return group.words;
};

const sourceOf = (
  folder: string,
  groups: readonly PictureGroup[],
  others: readonly string[],
  chosen: CaptionSource | undefined,
): CaptionSource => {
  const names = groups.filter(({ prior }) => !prior).flatMap((group) => group.names);
  const beside = countBeside(names, new Set(others));
  const hasWords = groups.some(({ words, prior }) => words !== null && !prior);
  if (chosen === undefined) {
    refuseBoth(folder, beside);
    if (beside.txt > 0) return 'txt';
    if (beside.caption > 0) return 'caption';
    return hasWords ? 'folder-names' : 'none';
  }
  if (chosen === 'folder-names' && !hasWords)
    throw invalidInput(`captions: the folders of ${folder} have no words, as in 10_sks dog`);
  if (isBeside(chosen) && beside[chosen] === 0)
    throw invalidInput(
      `captions: no picture of ${folder} has a file of its name that ends in ${captionEndings[chosen]}`,
    );
  return chosen;
};

/** What a camera or a phone calls its pictures. */
const cameraName =
  /^(img|dsc[nf]?|dscf|pxl|p|mvimg|image|photo|screenshot|whatsapp image)?[-_ ]?\d[\d\-_ .()~a-z]*$/i;

const captionNotices = (
  source: CaptionSource,
  { missing, empty, worded, several }: Found,
  train: readonly SubjectPicture[],
): string[] => {
  const notices: string[] = [];
  if (missing.length > 0)
    notices.push(`without a caption, so that a run's instance prompt stands for it: ${listed(missing, 10)}`);
  if (empty.length > 0)
    notices.push(
      `with an empty caption, so that a run's instance prompt stands for it: ${listed(empty, 10)}`,
    );
  if (worded.length > 0)
    notices.push(
      `without a caption beside them, so that their folder's words stand for it: ${listed(worded, 10)}`,
    );
  if (several.length > 0)
    notices.push(`of several lines, of which the first is the caption: ${listed(several, 5)}`);
  if (source === 'file-names') {
    const odd = train.filter(({ prior, caption }) => !prior && cameraName.test(caption!));
    if (odd.length > 0)
      notices.push(
        `named as a camera names pictures, so that their names say nothing of them: ${listed(
          odd.map(({ name }) => name),
          5,
        )}`,
      );
  }
  return notices;
};

const leftNotices = (left: readonly string[], source: CaptionSource): string[] => {
  const isCaption = (name: string): boolean =>
    Object.values(captionEndings).some((ending) => extname(name) === ending);
  const orphans = isBeside(source) ? left.filter((name) => extname(name) === captionEndings[source]) : [];
  const unread = left.filter((name) => isCaption(name) && !orphans.includes(name));
  return [
    ...(orphans.length === 0 ? [] : [`captions without a picture: ${listed(orphans, 5)}`]),
    ...(unread.length === 0 ? [] : [`texts beside pictures that are not read: ${listed(unread, 5)}`]),
    ...passedOver(left.filter((name) => !isCaption(name))),
  ];
};
