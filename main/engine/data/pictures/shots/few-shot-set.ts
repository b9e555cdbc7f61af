import { WorkbenchError } from '../../../errors.ts';
import type { ClassifiedSet, PictureSet } from '../sets/picture-set.ts';
import { drawShots, type ShotsQuestion } from './draw-shots.ts';

export type FewShots = Pick<ShotsQuestion<never>, 'shots' | 'seed' | 'repeat'>;

/**
 * The set with few pictures of each class to train on and to validate with, drawn as CLIP-LoRA does; all of those to test on stay. A set that tells no
 * pictures to validate with apart has them drawn from those to train on, none twice.
 * @throws WorkbenchError naming the class that has too few; for a set of captions, which has no classes
 */
export const fewShotSet = (set: PictureSet, few: FewShots): ClassifiedSet => {
  if (set.kind !== 'classes')
    throw new WorkbenchError(
      'unsupported',
      `shots: the pictures of ${set.folder} have captions, and shots are counted by class`,
    );
  const { classes, parts } = set;
  const drawn = drawShots({ classes, train: parts.train, validation: parts.validation, ...few });
  return { ...set, parts: { ...drawn, test: parts.test } };
};
