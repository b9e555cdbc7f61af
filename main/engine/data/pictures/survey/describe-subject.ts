import { listed } from '../../../suggestions.ts';
import { mostCutOff, mostEnlargement } from '../buckets/bucket-sizes.ts';
import type { Orientation } from '../decode/decoding.ts';
import { entriesOf, type SubjectSet } from '../sets/picture-set.ts';
import type { SubjectChoices, SubjectFormat } from '../subject-format.ts';
import type { Looked, Survey } from './survey-pictures.ts';

type Sound = Extract<Looked, { kind: 'sound' }>;

/** Marks from 5 on say that the camera was held on its side. */
const firstOnItsSide = 5;

/** In pixels, as a picture is seen. */
export const seenSize = (
  { width, height, mark }: Pick<Sound, 'width' | 'height' | 'mark'>,
  orientation: Orientation,
): { width: number; height: number } =>
  orientation === 'as-marked' && mark >= firstOnItsSide
    ? { width: height, height: width }
    : { width, height };

const soundIn = (set: SubjectSet, survey: Survey): { name: string; looked: Sound }[] =>
  [...new Set(entriesOf(set.parts).map(({ name }) => name))].flatMap((name) => {
    const looked = survey.get(name);
    return looked?.kind === 'sound' ? [{ name, looked }] : [];
  });

/** What an import found in pictures of a subject. @param set without the pictures that can't be read */
export const describeSubject = (set: SubjectSet, survey: Survey, choices: SubjectChoices): SubjectFormat => {
  const own = set.parts.train.filter(({ prior }) => !prior);
  const found = own.filter(({ caption }) => caption !== null).length;
  const sound = soundIn(set, survey);
  const sizes = sound
    .map(({ name, looked }) => ({ name, ...seenSize(looked, set.decoding.orientation) }))
    .toSorted((one, other) => one.width * one.height - other.width * other.height);
  return {
    choices,
    captions: { source: set.captions, found, missing: own.length - found },
    repeated: own.reduce((sum, { repeats }) => sum + repeats, 0),
    classPictures: set.parts.train.length - own.length,
    smallest: sizes[0]!,
    largest: sizes.at(-1)!,
    transparent: sound.filter(({ looked }) => looked.hasAlpha).length,
    turned: sound.filter(({ looked }) => looked.mark > 1).length,
  };
};

/** A run of the usual 512 pixels takes pictures from this side on. */
const smallestSide = 512 / mostEnlargement;
/** From here on a square shows little of a picture; a quarter of what is refused. */
const longest = mostCutOff / 4;

/** Pictures of which training sees little or nothing. A run knows its resolution, and refuses what it can't use. */
const sizeNotices = (set: SubjectSet, survey: Survey): string[] => {
  const sizes = soundIn(set, survey).map(({ name, looked: { width, height } }) => ({
    name: `${name} (${width} x ${height})`,
    shorter: Math.min(width, height),
    longer: Math.max(width, height),
  }));
  const small = sizes.filter(({ shorter }) => shorter < smallestSide);
  const long = sizes.filter(({ shorter, longer }) => longer > longest * shorter);
  const named = (some: typeof sizes): string =>
    listed(
      some.map(({ name }) => name),
      5,
    );
  return [
    ...(small.length === 0
      ? []
      : [
          `less than ${smallestSide} pixels on a side, so that a run at 512 refuses them (enlarged more than ${mostEnlargement} times): ${named(small)}`,
        ]),
    ...(long.length === 0
      ? []
      : [
          `more than ${longest} times as long as wide, so that training sees little of them, and a run refuses them where that is less than a ${mostCutOff}nd: ${named(long)}`,
        ]),
  ];
};

/** What a person should know of how its pictures are decoded and seen. */
export const subjectNotices = (set: SubjectSet, survey: Survey): string[] => {
  const sound = soundIn(set, survey);
  const named = (isMeant: (looked: Sound) => boolean): string[] =>
    sound.filter(({ looked }) => isMeant(looked)).map(({ name }) => name);
  const transparent = named(({ hasAlpha }) => hasAlpha);
  const turned = named(({ mark }) => mark > 1);
  const { orientation, transparency } = set.decoding;
  return [
    ...sizeNotices(set, survey),
    ...(transparent.length === 0
      ? []
      : [
          `${transparency === 'on-white' ? 'laid on white where they show through' : 'transparency dropped, so that what lies beneath shows (often black; transparency: on-white lays them on white)'}: ${listed(transparent, 5)}`,
        ]),
    ...(turned.length === 0
      ? []
      : [
          `${orientation === 'as-marked' ? 'turned upright as their marks say' : 'left as stored though marked as turned'}: ${listed(turned, 5)}`,
        ]),
  ];
};
