import type { CaptionedSet, PictureEntry } from '../../../engine/data/pictures/sets/picture-set.ts';
import { captionVariation } from '../../../engine/data/pictures/views/random-view.ts';
import { comparedWith, towersOf } from '../../../engine/models/compared-model.ts';
import { pictureObjectives } from '../../../engine/objectives/index.ts';
import type { TextRow } from '../../../engine/objectives/pictures/row-tensors.ts';
import { runSeeds } from '../run-seeds.ts';
import { captionTexts } from './caption-texts.ts';
import { chooseCaptions } from './choose-captions.ts';
import type { ComparedRun, OpenedForPictures } from './compared-run.ts';
import { embeddedOnce, givenTexts } from './given-texts.ts';

/** An entry of the set whose caption is as the text tower takes it, or as it made it. */
interface PreparedCaption extends PictureEntry {
  readonly caption: TextRow;
}

/** Pictures with captions: in a step each picture is to find its own caption among those of all, and each caption its picture. */
export const captionRun = async (
  set: CaptionedSet,
  { whole: model, tokenizer, specification, modelFor, report }: OpenedForPictures,
): Promise<ComparedRun> => {
  const { dataset, training, seed, heldOut } = specification;
  const { captions: objective } = towersOf(model.architecture);
  const whole = comparedWith(model, objective, training.batchSize);
  const chosen = chooseCaptions(set, {
    validationFraction: dataset.validationFraction,
    splitSeed: runSeeds(heldOut?.seed ?? seed).split,
    tuningFraction: heldOut?.tuningFraction,
  });
  const entries = [...chosen.train, ...chosen.heldOut];
  const texts = captionTexts(
    entries.map(({ caption }) => caption),
    tokenizer,
    whole.architecture,
  );
  const stepped = modelFor(whole, entries.length);
  const isWhole = stepped === whole;
  const captions = await givenTexts(whole, stepped, texts, specification, report);
  const prepared = entries.map(({ name, place }, at): PreparedCaption => ({
    name,
    place,
    caption: captions[at]!,
  }));
  const batching = pictureObjectives[objective].batching({
    towers: towersOf(stepped.architecture),
    padId: texts.padId,
  });
  const { maximumPositions } = whole.architecture;
  return {
    model: stepped,
    key: ['captions', training.batchSize, isWhole],
    positions: texts.positions,
    batches: (make) =>
      make(
        {
          train: prepared.slice(0, chosen.train.length),
          heldOut: prepared.slice(chosen.train.length),
          variation: captionVariation,
        },
        batching,
      ),
    notices: [
      ...texts.notices,
      chosen.notice,
      ...(texts.cut === 0
        ? []
        : [
            `${texts.cut} captions are longer than the ${maximumPositions} tokens that the model takes, and were cut`,
          ]),
      ...(isWhole ? [] : [embeddedOnce]),
    ],
  };
};
