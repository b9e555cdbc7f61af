import { invalidInput } from '../../../errors.ts';
import type { Parts, PictureEntry, PictureSet } from './picture-set.ts';

/**
 * The set without some of its pictures. Classes and their labels stay as they are.
 * @throws WorkbenchError where nothing is left to train on, or of a class nothing
 */
export const leaveOut = <Set extends PictureSet>(set: Set, names: ReadonlySet<string>): Set => {
  if (names.size === 0) return set;
  const stays = ({ name }: PictureEntry): boolean => !names.has(name);
  const { train, validation, test } = set.parts as Parts<PictureEntry>;
  const parts = {
    train: train.filter(stays),
    validation: validation?.filter(stays) ?? null,
    test: test?.filter(stays) ?? null,
  };
  const left = { ...set, parts };
  refuseEmptied(left, set);
  return left;
};

const refuseEmptied = (left: PictureSet, { parts }: PictureSet): void => {
  const { folder } = left;
  if (left.parts.train.length === 0) throw invalidInput(`${folder}: no picture to train on can be read`);
  for (const [part, what] of [
    ['validation', 'validate with'],
    ['test', 'test on'],
  ] as const)
    if (left.parts[part]?.length === 0 && parts[part]!.length > 0)
      throw invalidInput(`${folder}: no picture to ${what} can be read`);
  if (left.kind === 'subject' && left.parts.train.every(({ prior }) => prior))
    throw invalidInput(`${folder}: no picture of the subject can be read`);
  if (left.kind !== 'classes') return;
  const trained = new Set(left.parts.train.map(({ label }) => label));
  const emptied = left.classes.findIndex((_, label) => !trained.has(label));
  if (emptied !== -1)
    throw invalidInput(
      `${folder}: of the class "${left.classes[emptied]!}" no picture to train on can be read`,
    );
};
