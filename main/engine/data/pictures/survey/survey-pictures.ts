import { createHash } from 'node:crypto';
import { concurrently } from '../../../concurrently.ts';
import { invalidInput, WorkbenchError, type ErrorCode } from '../../../errors.ts';
import { loadDecoder } from '../decode/load-decoder.ts';
import { createPictureReader, usualLimits, type ReaderLimits } from '../decode/picture-reader.ts';
import type { Picture } from '../picture.ts';
import { limitText } from '../../../limit-text.ts';
import { leaveOut } from '../sets/leave-out.ts';
import { entriesOf, pathOf, type PictureEntry, type PictureSet } from '../sets/picture-set.ts';

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
      readonly hasAlpha: boolean;
      readonly isAnimated: boolean;
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
        {},
        (picture, { mark, hasAlpha, isAnimated }) => ({
          kind: 'sound',
          width: picture.width,
          height: picture.height,
          mark,
          hasAlpha,
          isAnimated,
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

/** 128 bits in place of the pixels. */
const contentOf = ({ width, height, rgb }: Picture): string =>
  createHash('sha256')
    .update(`${width} x ${height}\n`)
    .update(rgb)
    .digest()
    .subarray(0, 16)
    .toString('base64');

/** Pictures that may be left out at most: a set that is broken to that extent is another one, and all of their names are kept with it. */
const mostLeftOut = 10_000;

export interface SoundSet<Set extends PictureSet> {
  readonly set: Set;
  /** What can't be read, in the order of the set. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The set without the pictures that can't be read, if those may be left out.
 * @param mayLeaveOut otherwise the first of them is an error
 * @throws WorkbenchError naming the picture, or a class that has none left to train on
 */
export const withoutBroken = <Set extends PictureSet>(
  set: Set,
  survey: Survey,
  mayLeaveOut: boolean,
): SoundSet<Set> => {
  const reasons = new Map<string, string>();
  for (const { name } of entriesOf(set.parts)) {
    const looked = survey.get(name);
    if (looked?.kind === 'broken') reasons.set(name, looked.reason);
  }
  const leftOut = [...reasons].map(([name, reason]) => ({ name, reason }));
  const [first] = leftOut;
  if (first === undefined) return { set, leftOut };
  const more = leftOut.length === 1 ? '' : ` (and ${leftOut.length - 1} more that can't be read)`;
  if (!mayLeaveOut)
    throw invalidInput(
      `${first.reason}${more}; an import leaves such pictures out and counts them where it is asked to (--skip-broken)`,
    );
  if (leftOut.length > mostLeftOut)
    throw invalidInput(
      `${first.reason}${more}: ${limitText(mostLeftOut)} pictures can be left out at most; look at what has become of the set`,
    );
  return { set: leaveOut(set, new Set(reasons.keys())), leftOut };
};
