import type { SubjectFormat } from '../../../../../main/api/contract.ts';
import { formatCount } from '../../../format/number.ts';
import { subjectInShort } from './part-names.ts';

/** @param entries to train on, class pictures among them */
export const describeSubject = (
  { captions, repeated, classPictures }: SubjectFormat,
  entries: number,
): string =>
  subjectInShort({ pictures: entries - classPictures, captioned: captions.found, repeated, classPictures });

/** From the smallest to the largest, in pixels. */
export const describeSizes = ({ smallest, largest }: SubjectFormat): string => {
  const text = ({ width, height }: SubjectFormat['smallest']): string =>
    `${formatCount(width)} × ${formatCount(height)}`;
  return text(smallest) === text(largest) ? text(smallest) : `${text(smallest)} to ${text(largest)}`;
};
