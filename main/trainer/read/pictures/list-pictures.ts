import type {
  LabelledPicture,
  PictureEntry,
  PictureSet,
} from '../../../engine/data/pictures/sets/picture-set.ts';
import type { ClassCount, PicturesPage } from '../../protocol/pictures-schema.ts';
import type { ReadQuestion } from '../../protocol/read-schema.ts';
import { openKept } from './kept-set.ts';

type PageQuestion = Omit<Extract<ReadQuestion, { kind: 'pictures' }>, 'kind'>;

/** What a set says of a picture: its class, or its caption, and of a subject how often it is there and whether it is of the class. */
const saidOf = (entry: PictureEntry): Omit<PicturesPage['pictures'][number], 'name'> => ({
  label: 'label' in entry ? (entry.label as number) : null,
  caption: 'caption' in entry ? (entry.caption as string | null) : null,
  repeats: 'repeats' in entry ? (entry.repeats as number) : 1,
  prior: 'prior' in entry ? (entry.prior as boolean) : false,
});

/** Some of the pictures of a part, in the set's order: names alone. @throws WorkbenchError naming the file or folder */
export const listPictures = async ({
  dataset,
  part,
  label,
  from,
  count,
}: PageQuestion): Promise<PicturesPage> => {
  const entries: readonly PictureEntry[] = (await openKept(dataset)).parts[part] ?? [];
  const wanted = label === null ? entries : entries.filter((entry) => saidOf(entry).label === label);
  return {
    total: wanted.length,
    pictures: wanted.slice(from, from + count).map((entry) => ({ name: entry.name, ...saidOf(entry) })),
  };
};

/** How many pictures each class has in each part, in the order of the labels; none where they have no classes. */
export const countClasses = (set: PictureSet): ClassCount[] => {
  if (set.kind !== 'classes') return [];
  const { classes, parts } = set;
  const countsOf = (entries: readonly LabelledPicture[]): number[] => {
    const counts = classes.map(() => 0);
    for (const { label } of entries) counts[label]! += 1;
    return counts;
  };
  const train = countsOf(parts.train);
  const validation = parts.validation && countsOf(parts.validation);
  const test = parts.test && countsOf(parts.test);
  return classes.map((name, label) => ({
    name,
    train: train[label]!,
    validation: validation?.[label] ?? null,
    test: test?.[label] ?? null,
  }));
};
