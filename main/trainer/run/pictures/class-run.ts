import type { ClassifiedSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { clipLoraVariation } from '../../../engine/data/pictures/views/random-view.ts';
import { comparedWith, towersOf } from '../../../engine/models/compared-model.ts';
import { classPrompts } from '../../../engine/objectives/class-prompts.ts';
import { runSeeds } from '../run-seeds.ts';
import { choosePictures } from './choose-pictures.ts';
import { classTexts } from './class-texts.ts';
import type { ComparedRun, OpenedForPictures } from './compared-run.ts';
import { embeddedOnce, givenTexts } from './given-texts.ts';

/**
 * Pictures of classes, compared with a text for each class. Where nothing of the text tower is trained, its embeddings are made here, once, and the tower
 * has no part in the steps.
 */
export const classRun = async (
  set: ClassifiedSet,
  { whole: model, tokenizer, settings, specification, modelFor, report }: OpenedForPictures,
): Promise<ComparedRun> => {
  const { dataset, seed, heldOut } = specification;
  const whole = comparedWith(model, 'class-prompts', set.classes.length);
  const texts = classTexts(set.classes, settings.template, tokenizer, whole.architecture);
  const chosen = choosePictures(set, {
    settings,
    shotsSeed: seed,
    validationFraction: dataset.validationFraction,
    splitSeed: runSeeds(heldOut?.seed ?? seed).split,
    tuningFraction: heldOut?.tuningFraction,
  });
  const stepped = modelFor(whole, set.classes.length);
  const isWhole = stepped === whole;
  const prompts = await givenTexts(whole, stepped, texts, specification, report);
  const batching = classPrompts.batching({
    towers: towersOf(stepped.architecture),
    prompts,
    padId: texts.padId,
  });
  return {
    model: stepped,
    key: [set.classes.length, isWhole],
    positions: texts.positions,
    batches: (make) => make({ ...chosen, variation: clipLoraVariation }, batching),
    notices: [...texts.notices, chosen.notice, ...(isWhole ? [] : [embeddedOnce])],
  };
};
