import { invalidInput } from '../../../errors.ts';
import { limitText } from '../../../limit-text.ts';

/** `10_sks dog`: how often its pictures are there in an epoch, and words for all of them. kohya's form. */
export interface RepeatFolder {
  readonly repeats: number;
  readonly words: string;
}

export const mostRepeats = 10_000;

const form = /^(\d{1,9})_(.*\S.*)$/;

/** Null for a folder that is called otherwise. */
export const asRepeatFolder = (name: string): RepeatFolder | null => {
  const found = form.exec(name);
  return found === null ? null : { repeats: Number(found[1]), words: found[2]!.trim() };
};

/** The same, where a set is read by it. @throws WorkbenchError for no repeats, or too many */
export const checkedRepeats = (name: string, place: string): RepeatFolder | null => {
  const found = asRepeatFolder(name);
  if (found !== null && (found.repeats < 1 || found.repeats > mostRepeats))
    throw invalidInput(
      `${place}: "${name}" says that its pictures are repeated ${found.repeats} times; it should be 1 to ${limitText(mostRepeats)}`,
    );
  return found;
};

/**
 * Those that are kohya's, whose trainers pass the others over; none where they are classes that somebody has numbered: 0 to n or 1 to n, three or more
 * of them.
 * @param names of the folders that have pictures
 */
export const repeatFoldersAmong = (names: readonly string[]): readonly string[] => {
  const found = names.filter((name) => asRepeatFolder(name) !== null);
  const numbers = found.map((name) => asRepeatFolder(name)!.repeats).toSorted((one, other) => one - other);
  const first = numbers[0] ?? 0;
  const isNumbering = numbers.length > 2 && first <= 1 && numbers.every((one, at) => one === first + at);
  return isNumbering ? [] : found;
};
