import type { ClassCount, PartName } from '../../../../../main/api/contract.ts';
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
