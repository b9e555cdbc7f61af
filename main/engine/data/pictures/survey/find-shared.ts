import { contentIndex } from '../../duplicates/content-index.ts';
import type { LabelledPicture, Parts, PartName, PictureEntry, PictureSet } from '../sets/picture-set.ts';
import type { Survey } from './survey-pictures.ts';

/** A picture that is there twice. */
export interface SharedPicture {
  readonly train: string;
  readonly heldOut: string;
  readonly part: Exclude<PartName, 'train'>;
  /** Whether both are of one class; true for captions. */
  readonly sameClass: boolean;
}

/** Pictures by what they show, pixel by pixel: the same picture in another format with loss, or cut, is not found. */
export interface FoundPictures {
  /** Pictures to train on that an earlier one shows. */
  readonly repeated: number;
  /** Pictures to train on that an earlier one of another class shows. */
  readonly contradicting: number;
  /** The first groups of names, of either kind. */
  readonly groups: readonly (readonly string[])[];
  /** Held-out pictures that one to train on shows: what is measured on them was seen. */
  readonly shared: Readonly<Record<Exclude<PartName, 'train'>, number>>;
  readonly pairs: readonly SharedPicture[];
}

/** @param shown groups and pairs that are given; all are counted */
export const findSharedPictures = (set: PictureSet, survey: Survey, shown: number): FoundPictures => {
  const { train, validation, test } = looking(set);
  const index = contentIndex<PictureEntry>();
  const contentOf = ({ name }: PictureEntry): string | null => {
    const looked = survey.get(name);
    return looked?.kind === 'sound' ? looked.content : null;
  };
  for (const entry of train) {
    const content = contentOf(entry);
    if (content !== null) index.add(content, entry);
  }
  const repeated = index.repeated();
  const pairsIn = (part: SharedPicture['part'], entries: readonly PictureEntry[] | null): SharedPicture[] =>
    (entries ?? []).flatMap((entry) => {
      const content = contentOf(entry);
      const seen = content === null ? [] : index.rowsWith(content);
      const [first] = seen;
      if (first === undefined) return [];
      return [
        {
          train: first.name,
          heldOut: entry.name,
          part,
          sameClass: seen.every((one) => isSameClass(one, entry)),
        },
      ];
    });
  const inValidation = pairsIn('validation', validation);
  const inTest = pairsIn('test', test);
  return {
    repeated: repeated.reduce((sum, group) => sum + group.length - 1, 0),
    contradicting: repeated.reduce(
      (sum, [first, ...others]) => sum + others.filter((other) => !isSameClass(first!, other)).length,
      0,
    ),
    groups: repeated.slice(0, shown).map((group) => group.map(({ name }) => name)),
    shared: { validation: inValidation.length, test: inTest.length },
    pairs: [...inTest, ...inValidation].slice(0, shown),
  };
};

/** A picture with several captions is there once in each part. */
const looking = ({ kind, parts }: PictureSet): Parts<PictureEntry> => {
  if (kind === 'classes') return parts;
  const once = (part: readonly PictureEntry[]): PictureEntry[] => [
    ...new Map(part.map((entry) => [entry.name, entry])).values(),
  ];
  const { train, validation, test } = parts;
  return { train: once(train), validation: validation && once(validation), test: test && once(test) };
};

const isSameClass = (one: PictureEntry, other: PictureEntry): boolean =>
  (one as Partial<LabelledPicture>).label === (other as Partial<LabelledPicture>).label;
