import type { Buckets, Dataset, PicturesFormat, PicturesInspection, SubjectFormat } from '../api/contract.ts';
import { plainLine } from '../engine/plain-line.ts';
import { bytesText, countText, plural, timeText } from './quantities.ts';
import { formatFields, formatTable } from './table.ts';

/** Of pictures that were left out. */
const shownBroken = 20;

/** What the library has of a set. @param heldOut what is held out of it, as rows have it */
export const picturesText = (
  dataset: Dataset,
  { classes, subject, pictures, longestCaptions, leftOut, notices }: PicturesFormat,
  heldOut: string,
): string => {
  const count = (part: number | null): string | null => (part === null ? null : countText(part));
  const facts = formatFields({
    id: dataset.id,
    name: dataset.name,
    pictures: dataset.trainFile,
    'looks like': dataset.form,
    classes: classes === null ? null : `${countText(classes.length)}: ${classes.join(', ')}`,
    ...(subject !== null && subjectFields(subject, pictures.train)),
    'longest caption': longestCaptions.length === 0 ? null : plainLine(longestCaptions[0]!, 200),
    'to train on': count(pictures.train),
    'to validate with': count(pictures.validation),
    'to test on': count(pictures.test) ?? heldOut,
    'left out': leftOut.length === 0 ? null : countText(leftOut.length),
    size: bytesText(dataset.bytes),
    added: timeText(dataset.createdAt),
  });
  const broken = leftOut.slice(0, shownBroken).map(({ name, reason }) => `Left out: ${name}\n  ${reason}`);
  const more = leftOut.length - broken.length;
  if (more > 0) broken.push(`and ${countText(more)} more, all of them with --json`);
  return [
    facts,
    ...(broken.length === 0 ? [] : [broken.join('\n')]),
    ...notices.map((notice) => `Note: ${notice}`),
  ].join('\n\n');
};

const subjectInShort = ({
  pictures,
  captioned,
  repeated,
}: NonNullable<PicturesInspection['subject']>): string =>
  `${plural(pictures, 'picture')}, ${countText(captioned)} with a caption${repeated === pictures ? '' : `, ${countText(repeated)} in an epoch`}`;

const subjectFields = (
  { captions, repeated, classPictures, smallest, largest }: SubjectFormat,
  train: number,
): Record<string, string | null> => {
  const pictures = train - classPictures;
  return {
    'of the subject': subjectInShort({
      ...{ pictures, repeated, classPictures },
      ...{ source: captions.source, captioned: captions.found },
    }),
    'class pictures': classPictures === 0 ? null : countText(classPictures),
    smallest: `${smallest.width} x ${smallest.height} (${smallest.name})`,
    largest: `${largest.width} x ${largest.height} (${largest.name})`,
  };
};

/** What an import would make of pictures. */
export const picturesInspectionText = ({
  form,
  classes,
  subject,
  pictures,
  notices,
  problem,
}: PicturesInspection): string => {
  const counted = (count: number | null): string => (count === null ? '' : countText(count));
  const facts = formatFields({
    'looks like': form,
    classes: classes.length === 0 ? null : countText(classes.length),
    ...(subject !== null && {
      'of the subject': subjectInShort(subject),
      'class pictures': subject.classPictures === 0 ? null : countText(subject.classPictures),
    }),
    'to train on': countText(pictures.train),
    'to validate with': pictures.validation === null ? null : countText(pictures.validation),
    'to test on': pictures.test === null ? null : countText(pictures.test),
  });
  const table = formatTable(classes, [
    { title: 'class', text: ({ name }) => name },
    { title: 'train', text: ({ train }) => countText(train), isNumber: true },
    { title: 'validation', text: ({ validation }) => counted(validation), isNumber: true },
    { title: 'test', text: ({ test }) => counted(test), isNumber: true },
  ]);
  return [
    facts,
    ...(classes.length === 0 ? [] : [table]),
    ...notices.map((notice) => `Note: ${notice}`),
    ...(problem === null ? [] : [`An import would be refused: ${problem}`]),
  ].join('\n\n');
};

/** In which sizes training sees pictures. */
export const bucketsText = ({ buckets, enlarged, withoutBucket, unreadable }: Buckets): string => {
  const table = formatTable(buckets, [
    { title: 'size', text: ({ width, height }) => `${width} x ${height}` },
    { title: 'pictures', text: ({ pictures }) => countText(pictures), isNumber: true },
    { title: 'in an epoch', text: ({ repeated }) => countText(repeated), isNumber: true },
  ]);
  const sized = ({ name, width, height }: { name: string; width: number; height: number }): string =>
    `${name} (${width} x ${height})`;
  const more = (all: number, named: number): string =>
    all === named ? '' : ` and ${countText(all - named)} more`;
  const notes = [
    ...(enlarged.count === 0
      ? []
      : [
          `enlarged, and so less sharp: ${enlarged.pictures
            .map((one) => `${sized(one)} ${one.times.toFixed(1)} times`)
            .join(', ')}${more(enlarged.count, enlarged.pictures.length)}`,
        ]),
    ...(withoutBucket.count === 0
      ? []
      : [
          `too small or too narrow, so that a run refuses them: ${withoutBucket.pictures.map(sized).join(', ')}${more(withoutBucket.count, withoutBucket.pictures.length)}`,
        ]),
    ...(unreadable === 0 ? [] : [`${plural(unreadable, 'picture')} can't be read`]),
  ];
  return [table, ...notes.map((note) => `Note: ${note}`)].join('\n\n');
};
