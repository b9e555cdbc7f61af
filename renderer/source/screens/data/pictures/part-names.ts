import type { ClassCount, PartName, PicturesInspection } from '../../../../../main/api/contract.ts';
import { formatCount } from '../../../format/number.ts';

/** The parts of a set, as tables head them. */
export const partItems: readonly { value: PartName; label: string }[] = [
  { value: 'train', label: 'Training' },
  { value: 'validation', label: 'Validation' },
  { value: 'test', label: 'Test' },
];

/** `397 classes, 50 pictures of each to train on`, `3 classes, 12 to 20 pictures of each to train on`. */
export const countsInShort = (classes: readonly ClassCount[]): string => {
  const counts = classes.map(({ train }) => train);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const each = least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`;
  return `${formatCount(classes.length)} classes, ${each} ${most === 1 ? 'picture' : 'pictures'} of each to train on`;
};

/** `960 to train on, 240 to test on`. */
export const partsInShort = (pictures: Readonly<Record<PartName, number | null>>): string =>
  [
    `${formatCount(pictures.train ?? 0)} to train on`,
    ...(pictures.validation === null ? [] : [`${formatCount(pictures.validation)} to validate with`]),
    ...(pictures.test === null ? [] : [`${formatCount(pictures.test)} to test on`]),
  ].join(', ');

/** `5 pictures of the subject, 3 of them with a caption, 50 in an epoch; 20 of its class`. */
export const subjectInShort = ({
  pictures,
  captioned,
  repeated,
  classPictures,
}: Omit<NonNullable<PicturesInspection['subject']>, 'source'>): string => {
  const captions =
    captioned === 0
      ? 'without captions'
      : captioned === pictures
        ? 'each with a caption'
        : `${formatCount(captioned)} of them with a caption`;
  const epoch = repeated === pictures ? '' : `, ${formatCount(repeated)} in an epoch`;
  const ofClass = classPictures === 0 ? '' : `; ${formatCount(classPictures)} of its class`;
  return `${formatCount(pictures)} ${pictures === 1 ? 'picture' : 'pictures'} of the subject, ${captions}${epoch}${ofClass}`;
};
