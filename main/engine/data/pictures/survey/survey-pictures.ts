import { createHash } from 'node:crypto';
import { concurrently } from '../../../concurrently.ts';
import { invalidInput, WorkbenchError, type ErrorCode } from '../../../errors.ts';
import { loadDecoder } from '../decode/load-decoder.ts';
import { createPictureReader, usualLimits, type ReaderLimits } from '../decode/picture-reader.ts';
import type { Picture } from '../picture.ts';
import { partNames, pathOf, type Parts, type PictureEntry, type PictureSet } from '../sets/picture-set.ts';

export interface SurveyOptions {
  readonly limits?: ReaderLimits;
  readonly onPicture?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export type Looked =
  | {
      readonly kind: 'sound';
      readonly width: number;
      readonly height: number;
      /** 1 to 8: how the camera was held, see OpenedPicture. */
      readonly mark: number;
      /** Of size and pixels: pictures that have the same look the same. */
      readonly content: string;
    }
  | { readonly kind: 'broken'; readonly reason: string };

/** What was found, by the names of the set. */
export type Survey = ReadonlyMap<string, Looked>;

/** What is wrong with the file itself. Too many open files, or a disk that fails, would be wrong with the next one too. */
const ofThePicture: ReadonlySet<ErrorCode> = new Set(['invalid-input', 'unsupported', 'not-found']);

/**
 * Decodes every picture of a set once, side by side in bounded memory. What can't be read is remembered with its reason; whether that stops anything
 * is for withoutBroken.
 * @throws what `signal` was aborted with; WorkbenchError where no picture can be read on this system, or the disk fails
 */
export const surveyPictures = async (set: PictureSet, options: SurveyOptions = {}): Promise<Survey> => {
  const { limits = usualLimits, onPicture, signal } = options;
  await loadDecoder();
  const read = createPictureReader(limits);
  const entries = new Map(entriesOf(set.parts).map((entry) => [entry.name, entry]));
  const look = async (entry: PictureEntry): Promise<Looked> => {
    try {
      return await read(
        () => pathOf(set, entry),
        'as-stored',
        (picture, { mark }) => ({
          kind: 'sound',
          width: picture.width,
          height: picture.height,
          mark,
          content: contentOf(picture),
        }),
      );
    } catch (error) {
      if (error instanceof WorkbenchError && ofThePicture.has(error.code))
        return { kind: 'broken', reason: error.message };
      throw error;
    }
  };
  const survey = new Map<string, Looked>();
  await concurrently([...entries.values()], limits.files, async (entry) => {
    signal?.throwIfAborted();
    survey.set(entry.name, await look(entry));
    onPicture?.(survey.size, entries.size);
  });
  return survey;
};

const entriesOf = (parts: Parts<PictureEntry>): PictureEntry[] =>
  partNames.flatMap((part) => parts[part] ?? []);

/** 128 bits in place of the pixels. */
const contentOf = ({ width, height, rgb }: Picture): string =>
  createHash('sha256')
    .update(`${width} x ${height}\n`)
    .update(rgb)
    .digest()
    .subarray(0, 16)
    .toString('base64');

/**
 * The set without the pictures that can't be read, if those may be left out.
 * @param leaveOut whether they may; otherwise the first of them is an error
 * @throws WorkbenchError naming the picture, or a class that has none left to train on
 */
export const withoutBroken = <Set extends PictureSet>(set: Set, survey: Survey, leaveOut: boolean): Set => {
  const reasons = new Map<string, string>();
  for (const { name } of entriesOf(set.parts)) {
    const looked = survey.get(name);
    if (looked?.kind === 'broken') reasons.set(name, looked.reason);
  }
  const [first] = reasons.values();
  if (first === undefined) return set;
  const more = reasons.size === 1 ? '' : ` (and ${reasons.size - 1} more that can't be read)`;
  if (!leaveOut) throw invalidInput(`${first}${more}`);
  const isSound = ({ name }: PictureEntry): boolean => !reasons.has(name);
  const { train, validation, test } = set.parts as Parts<PictureEntry>;
  const parts = {
    train: train.filter(isSound),
    validation: validation?.filter(isSound) ?? null,
    test: test?.filter(isSound) ?? null,
  };
  const notice = `${reasons.size} picture${reasons.size === 1 ? '' : 's'} left out that can't be read: ${first}${more}`;
  const sound = { ...set, parts, notices: [...set.notices, notice] };
  refuseEmptied(sound);
  return sound;
};

const refuseEmptied = (set: PictureSet): void => {
  if (set.parts.train.length === 0) throw invalidInput(`${set.folder}: no picture to train on can be read`);
  if (set.kind !== 'classes') return;
  const left = new Set(set.parts.train.map(({ label }) => label));
  const emptied = set.classes.findIndex((_, label) => !left.has(label));
  if (emptied !== -1)
    throw invalidInput(
      `${set.folder}: of the class "${set.classes[emptied]!}" no picture to train on can be read`,
    );
};
