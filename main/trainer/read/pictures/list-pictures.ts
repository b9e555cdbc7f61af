import type { ClassifiedSet, LabelledPicture } from '../../../engine/data/pictures/sets/picture-set.ts';
import type { ClassCount, PicturesPage } from '../../protocol/pictures-schema.ts';
import type { ReadQuestion } from '../../protocol/read-schema.ts';
import { openKept } from './kept-set.ts';

type PageQuestion = Omit<Extract<ReadQuestion, { kind: 'pictures' }>, 'kind'>;

/** Some of the pictures of a part, in the set's order: names alone. @throws WorkbenchError naming the file or folder */
export const listPictures = ({ dataset, part, label, from, count }: PageQuestion): PicturesPage => {
  const entries = openKept(dataset).parts[part] ?? [];
  const wanted = label === null ? entries : entries.filter((entry) => entry.label === label);
  return {
    total: wanted.length,
    pictures: wanted.slice(from, from + count).map(({ name, label }) => ({ name, label, caption: null })),
  };
};

/** How many pictures each class has in each part, in the order of the labels. @throws WorkbenchError naming the file or folder */
export const countClasses = ({ classes, parts }: ClassifiedSet): ClassCount[] => {
  const countsOf = (entries: readonly LabelledPicture[] | null): number[] | null => {
    if (entries === null) return null;
    const counts = classes.map(() => 0);
    for (const { label } of entries) counts[label]! += 1;
    return counts;
  };
  const [train, validation, test] = [
    countsOf(parts.train)!,
    countsOf(parts.validation),
    countsOf(parts.test),
  ];
  return classes.map((name, label) => ({
    name,
    train: train[label]!,
    validation: validation?.[label] ?? null,
    test: test?.[label] ?? null,
  }));
};
