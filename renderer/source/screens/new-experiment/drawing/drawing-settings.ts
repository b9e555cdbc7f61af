import { diffusionSettingsSchema } from '../../../../../main/api/contract.ts';
import type { Dataset, DiffusionSettings, Model } from '../../../../../main/api/contract.ts';
import { drawsPictures } from '../../../format/model.ts';

/** Whether a model that may not be chosen yet draws pictures. */
export const draws = (model: Model | undefined): boolean => model !== undefined && drawsPictures(model);

/** What a run has as long as nobody says otherwise. */
export const usualDiffusion = (): DiffusionSettings => diffusionSettingsSchema.parse({});

/** Pictures of the class and those without a caption, as the import found them; a set of captions has neither. */
const foundIn = (dataset: Dataset): { classPictures: number; withoutCaption: number } => {
  const subject = dataset.format.kind === 'pictures' ? dataset.format.subject : null;
  return { classPictures: subject?.classPictures ?? 0, withoutCaption: subject?.captions.missing ?? 0 };
};

interface Asked {
  readonly prompt?: string | null | undefined;
  readonly prior?: { readonly pictures?: number | undefined } | null | undefined;
}

/** What the data lack that the settings ask for, by field within `training.diffusion`. */
export const drawingProblems = (
  { prompt = null, prior = null }: Asked,
  dataset: Dataset,
): Record<string, string> => {
  const { classPictures, withoutCaption } = foundIn(dataset);
  const found: Record<string, string> = {};
  if (prompt === null && withoutCaption > 0)
    found['prompt'] =
      `${withoutCaption === 1 ? 'One picture has' : `${withoutCaption} pictures have`} no caption: say what they show.`;
  if (prior !== null && classPictures < Math.max(1, prior.pictures ?? 0))
    found[classPictures === 0 ? 'prior.prompt' : 'prior.pictures'] =
      classPictures === 0
        ? 'The data has no class pictures: draw some, put them into the data’s folder “reg”, and import it again.'
        : `The data has ${classPictures}: draw more of them, and import it again.`;
  return found;
};
