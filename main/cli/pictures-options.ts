import { picturesChoiceSchema } from '../api/contract.ts';
import type { PicturesChoice } from '../api/contract.ts';
import { invalidInput } from '../engine/errors.ts';
import { check, inOneLine, problemText } from '../engine/problems.ts';
import { wholeNumber } from './numbers.ts';

export interface PicturesOptions {
  readonly as?: string;
  readonly captions?: string;
  readonly missingCaptions?: string;
  readonly repeats?: string;
  readonly classPictures?: string;
  readonly orientation?: string;
  readonly transparency?: string;
}

/** What a person says of pictures. */
export const picturesFlags: Readonly<Record<string, string>> = {
  '--as <kind>':
    'what pictures are: `classes`, `captions`, or `subject` (to train a drawing model on); found out otherwise',
  '--captions <source>':
    'of a subject, where its captions are: `txt` or `caption` files, `file-names`, `folder-names`, or `none`; found out otherwise',
  '--missing-captions <what>':
    "a picture without a caption where others have one: `refuse`, or `instance-prompt`, by which the run's prompt stands for it",
  '--repeats <number>':
    'how often each picture is there in an epoch, where no folder is called as in 10_name',
  '--class-pictures <folder>':
    'the folder of class (regularisation) pictures, within the set; one called reg or the like otherwise',
  '--orientation <how>':
    '`as-marked` turns pictures upright, as diffusers (this is usual); `as-stored` as kohya',
  '--transparency <how>': '`dropped`, as diffusers and kohya (this is usual), or `on-white`',
};

/** @throws WorkbenchError naming the flag */
export const readPicturesOptions = (options: PicturesOptions): PicturesChoice | undefined => {
  const { as, captions, missingCaptions, classPictures, orientation, transparency } = options;
  const repeats = wholeNumber(options.repeats, '--repeats');
  const given = Object.entries({
    ...{ as, captions, missingCaptions, repeats, classPictures, orientation, transparency },
  }).filter(([, choice]) => choice !== undefined);
  if (given.length === 0) return undefined;
  const { value, problems } = check(picturesChoiceSchema, Object.fromEntries(given));
  if (value !== null) return value;
  throw invalidInput(
    inOneLine(problems.map(({ path, message }) => `--${problemText({ path: path.map(asFlag), message })}`)),
  );
};

const asFlag = (field: PropertyKey): string =>
  String(field).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
