import { isOfPictures, pictureSettingsSchema } from '../../../../main/api/contract.ts';
import type { ClassCount, Dataset, Model, PictureSettings } from '../../../../main/api/contract.ts';
import { formatCount } from '../../format/number.ts';
import { usualTemplate } from '../data/pictures/template-items.ts';

/** Whether a model compares pictures with texts. */
export const seesPictures = (model: Model | undefined): boolean =>
  model !== undefined && isOfPictures(model.objective);

/** What a run on a set has as long as nobody says otherwise: its own published template, all of its pictures. */
export const usualPictures = (dataset: Dataset | undefined): PictureSettings =>
  pictureSettingsSchema.parse({
    template: usualTemplate(dataset?.format.kind === 'pictures' ? dataset.format.published : null),
  });

/** Published numbers of shots. */
export const publishedShots = [1, 2, 4, 8, 16] as const;

/** Classes that have too few pictures to draw so many of each; undefined where none has. */
export const tooFewText = (
  classes: readonly ClassCount[],
  shots: PictureSettings['shots'],
): string | undefined => {
  if (typeof shots !== 'number') return undefined;
  const few = classes.filter(({ train }) => train < shots);
  const [first] = few;
  if (first === undefined) return undefined;
  const more = few.length === 1 ? '' : `, and ${formatCount(few.length - 1)} more classes have too few`;
  return `${first.name} has ${formatCount(first.train)} ${first.train === 1 ? 'picture' : 'pictures'} to train on${more}.`;
};
