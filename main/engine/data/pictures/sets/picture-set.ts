import { invalidInput } from '../../../errors.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { plainLine } from '../../../plain-line.ts';
import type { Decoding } from '../decode/decoding.ts';
import { spokenName } from '../prompts/templates.ts';
import type { CaptionSource } from '../subject-format.ts';

export interface PictureEntry {
  /** Within the set's folder, with `/`. */
  readonly name: string;
  /** Where it is said that it belongs to the set, for errors: `split.json: train, entry 12`. */
  readonly place: string;
}

export interface LabelledPicture extends PictureEntry {
  /** Of its class, from 0. */
  readonly label: number;
}

export interface CaptionedPicture extends PictureEntry {
  readonly caption: string;
}

export interface SubjectPicture extends PictureEntry {
  /** Null where a run's prompt stands for it: that of the instance, or for a class picture that of the class. */
  readonly caption: string | null;
  /** How often it is there in an epoch. */
  readonly repeats: number;
  /** A class (regularisation, prior) picture: what the model is to draw as before. */
  readonly prior: boolean;
}

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

/** Null for a part that the set doesn't tell apart. */
export interface Parts<Entry> {
  readonly train: readonly Entry[];
  readonly validation: readonly Entry[] | null;
  readonly test: readonly Entry[] | null;
}

/** Of all parts, as they come: a picture may be in several. */
export const entriesOf = (parts: Parts<PictureEntry>): PictureEntry[] =>
  partNames.flatMap((part) => parts[part] ?? []);

interface SetOf<Entry> {
  /** That names are within. */
  readonly folder: string;
  /** What names the pictures, for errors: a file's name, or the folder itself. */
  readonly source: string;
  readonly parts: Parts<Entry>;
  /** What a person should know of it: files that were left out, classes that share a name. */
  readonly notices: readonly string[];
}

export interface ClassifiedSet extends SetOf<LabelledPicture> {
  readonly kind: 'classes';
  /** In the order of their labels. */
  readonly classes: readonly string[];
}

export interface CaptionedSet extends SetOf<CaptionedPicture> {
  readonly kind: 'captions';
  readonly captions: CaptionSource;
}

/** Pictures to train a drawing model on. */
export interface SubjectSet extends SetOf<SubjectPicture> {
  readonly kind: 'subject';
  readonly captions: CaptionSource;
  readonly decoding: Decoding;
}

export type PictureSet = ClassifiedSet | CaptionedSet | SubjectSet;

/** To be called where the file is opened. @throws WorkbenchError for a link that leads out of the set's folder */
export const pathOf = ({ folder }: { readonly folder: string }, { name }: PictureEntry): string =>
  pathIn(folder, name);

/**
 * A name that a file gives to a picture.
 * @throws WorkbenchError for one that is absolute or leads upwards
 */
export const checkedName = (name: string, place: string): string => {
  const plain = name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  const parts = plain.split('/');
  if (
    plain === '' ||
    plain.includes('\0') ||
    plain.startsWith('/') ||
    /^[A-Za-z]:/.test(plain) ||
    parts.includes('..')
  )
    throw invalidInput(
      `${place}: "${plainLine(name, 200)}" is no name of a file within the folder of the pictures: write it relative to that folder`,
    );
  return plain;
};

/**
 * Holds a set to what a comparison of classes needs.
 * @param otherwise what a set of one class may be instead, and what to do then
 * @throws WorkbenchError naming the set, and the class
 */
export const checkClasses = (classes: readonly string[], place: string, otherwise = ''): void => {
  if (classes.length === 0) throw invalidInput(`${place}: has no pictures`);
  if (classes.length === 1)
    throw invalidInput(
      `${place}: has one class, "${classes[0]!}": at least two are needed to tell apart${otherwise}`,
    );
  const [twins] = twinsIn(classes);
  if (twins !== undefined)
    throw invalidInput(
      `${place}: two classes have one name, ${twins.map((name) => `"${name}"`).join(' and ')}: the model would be asked the same for both; give one another name`,
    );
};

/** Classes that a prompt cannot tell apart: models of this family read capitals and small letters alike. */
export const twinsIn = (classes: readonly string[]): string[][] => {
  const groups = Map.groupBy(classes, (name) =>
    spokenName(name).toLowerCase().replaceAll(/\s+/g, ' ').trim(),
  );
  return [...groups.values()].filter(({ length }) => length > 1);
};

/** From here on the units of UTF-16 are in another order than the characters that they write. */
const beyondUnits = /[\ud800-\uffff]/;

/** As Python sorts texts: by code points, which the bytes of UTF-8 keep. */
export const byCodePoints = (one: string, other: string): number => {
  if (beyondUnits.test(one) || beyondUnits.test(other))
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return Number(one > other) - Number(one < other);
};
