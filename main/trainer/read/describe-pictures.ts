import { formOfPictures } from '../../engine/data/pictures/sets/form-of-pictures.ts';
import { openImported, type ImportedPictures } from '../../engine/data/pictures/sets/open-imported.ts';
import { openPictures } from '../../engine/data/pictures/sets/open-pictures.ts';
import { longestCaptions } from '../../engine/data/pictures/sets/longest-captions.ts';
import type { PictureSet } from '../../engine/data/pictures/sets/picture-set.ts';
import {
  keepSums,
  readKnownSums,
  sumOf,
  type KnownSums,
} from '../../engine/data/pictures/sets/known-sums.ts';
import type { OpenOptions } from '../../engine/data/pictures/sets/open-picture-set.ts';
import { bytesOfPictures, contentOfSet } from '../../engine/data/pictures/sets/set-content.ts';
import { findSharedPictures, type FoundPictures } from '../../engine/data/pictures/survey/find-shared.ts';
import {
  surveyPictures,
  withoutBroken,
  type Survey,
} from '../../engine/data/pictures/survey/survey-pictures.ts';
import { animationNotices } from '../../engine/data/pictures/survey/animation-notices.ts';
import { describeSubject, subjectNotices } from '../../engine/data/pictures/survey/describe-subject.ts';
import type { PicturesChoice, SubjectChoices } from '../../engine/data/pictures/subject-format.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { DescribedDataset } from '../protocol/described-schema.ts';
import type { ReadQuestion } from '../protocol/read-schema.ts';
import { ignoreProgress, type OnProgress } from './progress.ts';

type DatasetQuestion = Omit<Extract<ReadQuestion, { kind: 'dataset' }>, 'kind'>;

/**
 * Looks at every picture of a set once: each is decoded, and its file read for the hash.
 * @param onProgress told of bytes, of which each picture has its own twice
 * @throws WorkbenchError naming the file or folder, and the entry, class or picture
 */
export const describePictures = async (
  {
    trainFile,
    validationFile,
    separator,
    pictures = {},
    skipBroken = false,
    cacheDirectory,
  }: DatasetQuestion,
  onProgress: OnProgress = ignoreProgress,
): Promise<DescribedDataset> => {
  if (validationFile !== undefined)
    throw new WorkbenchError(
      'unsupported',
      `${validationFile}: is given apart from ${trainFile}, and a set of pictures has all its parts in one: folders train, val and test, or a column split`,
    );
  if (separator !== undefined)
    throw new WorkbenchError(
      'unsupported',
      `separator: that of a table of pictures is found out; leave it out for ${trainFile}`,
    );
  const options = { missing: skipBroken ? 'keep' : 'refuse', ...openingOf(pictures) } as const;
  const { set: all, published } = await openPictures(trainFile, options, cacheDirectory ?? null);
  const bytes = bytesOfPictures(all);
  const survey = await surveyPictures(all, {
    onPicture: (done, of) => onProgress((bytes * done) / of, 2 * bytes),
  });
  const { set, leftOut } = withoutBroken(all, survey, skipBroken);
  let read = 0;
  const { sha256, sums } = await contentOfSet(set, {
    onBytes: (count) => onProgress(bytes + (read += count), 2 * bytes),
  });
  if (cacheDirectory !== undefined) keepSums(cacheDirectory, set.folder, sums);
  const { train, validation, test } = set.parts;
  const heldOut = test ?? validation;
  return {
    trainFile,
    validationFile: null,
    trainSha256: sha256,
    validationSha256: null,
    trainSeparator: null,
    validationSeparator: null,
    form: formOfPictures(trainFile, published, set),
    format: {
      kind: 'pictures',
      published,
      classes: set.kind === 'classes' ? [...set.classes] : null,
      subject: set.kind === 'subject' ? describeSubject(set, survey, choicesIn(pictures)) : null,
      longestCaptions: set.kind === 'classes' ? [] : longestCaptions(set),
      pictures: {
        train: train.length,
        validation: validation?.length ?? null,
        test: test?.length ?? null,
      },
      leftOut: [...leftOut],
      notices: [
        ...set.notices,
        ...animationNotices(survey),
        ...(set.kind === 'subject' ? subjectNotices(set, survey) : []),
        ...sharedNotices(set, survey),
      ],
    },
    columns: [],
    trainRows: train.length,
    validationRows: heldOut?.length ?? null,
    bytes: bytesOfPictures(set),
  };
};

/** What a person says of pictures, as a set is opened. */
export const openingOf = (pictures: PicturesChoice): Pick<OpenOptions, 'as' | 'subject'> => ({
  ...(pictures.as !== undefined && { as: pictures.as }),
  subject: choicesIn(pictures),
});

const choicesIn = ({ as: _, ...choices }: PicturesChoice): SubjectChoices => choices;

/**
 * @param everyByte reads all files, whether or not they look as they did when they were read before
 * @throws WorkbenchError as openImported, and naming a picture that can't be read
 */
export const hashPictures = async (
  { everyByte = false, ...imported }: ImportedPictures & { readonly everyByte?: boolean | undefined },
  onProgress: OnProgress = ignoreProgress,
): Promise<string> => {
  const set = await openImported(imported);
  const bytes = bytesOfPictures(set);
  const cache = imported.cacheDirectory;
  const known: KnownSums = cache === null || everyByte ? new Map() : readKnownSums(cache, set.folder);
  let read = 0;
  const { sha256, sums } = await contentOfSet(set, {
    known,
    onBytes: (count) => onProgress((read += count), bytes),
  });
  if (cache !== null && [...sums].some(([name, { stamp }]) => sumOf(known, name, stamp) === undefined))
    keepSums(cache, set.folder, sums);
  return sha256;
};

const shown = 3;

const sharedNotices = (set: PictureSet, survey: Survey): string[] => {
  const { repeated, contradicting, shared, pairs } = findSharedPictures(set, survey, shown);
  const notices: string[] = [];
  if (repeated > 0)
    notices.push(
      `${repeated} of the pictures to train on show what an earlier one shows${set.kind === 'classes' ? `, ${contradicting} of them as another class` : ''}`,
    );
  for (const [part, count] of Object.entries(shared))
    if (count > 0)
      notices.push(
        `${count} of the pictures to ${part === 'test' ? 'test on' : 'validate with'} show what one to train on shows, such as ${pairsText(pairs, part)}: what is measured on them was seen`,
      );
  return notices;
};

const pairsText = (pairs: FoundPictures['pairs'], part: string): string =>
  pairs
    .filter((pair) => pair.part === part)
    .map(({ train, heldOut }) => `${heldOut} (${train})`)
    .join(', ');
