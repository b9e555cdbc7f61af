import {
  diffusionSettingsSchema,
  drawnSideConflicts,
  sizeProblems,
} from '../../../../../main/api/contract.ts';
import type { BucketSettings, Dataset, DiffusionSettings, Model } from '../../../../../main/api/contract.ts';
import { drawsPictures } from '../../../format/model.ts';

/** Whether a model that may not be chosen yet draws pictures. */
export const draws = (model: Model | undefined): boolean => model !== undefined && drawsPictures(model);

/** Pixels a side of what a model draws, where that is known. */
export const usualSide = (model: Model | undefined): number | undefined => model?.drawnSides?.usual;

/** What a run has as long as nobody says otherwise: pictures as large as the model's own. */
export const usualDiffusion = (model: Model | undefined): DiffusionSettings =>
  diffusionSettingsSchema.parse({ resolution: usualSide(model) });

/** kohya's step of sides, in which pictures of small models would have no choice. */
const kohyaStep = 64;
const smallSide = 256;

/** kohya's limits of sides: half and twice the resolution, in whole steps that the model takes. */
export const usualBuckets = (side: number, model: Model | undefined): BucketSettings => {
  const step = side < smallSide ? (model?.drawnSides?.multipleOf ?? 8) : kohyaStep;
  const inSteps = (wanted: number): number => Math.max(step, Math.floor(wanted / step) * step);
  return { step, smallest: inSteps(side / 2), largest: inSteps(side * 2), upscale: true };
};

/** Settings with another resolution: limits of sides that followed from the one before follow from it. */
export const withResolution = (
  settings: DiffusionSettings,
  side: number,
  model: Model | undefined,
): Pick<DiffusionSettings, 'resolution' | 'buckets'> => {
  const { resolution, buckets } = settings;
  const isUsual =
    buckets !== null &&
    JSON.stringify(usualBuckets(Number(resolution), model)) === JSON.stringify({ ...buckets, upscale: true });
  if (!isUsual || Number.isNaN(side)) return { resolution: side, buckets };
  return { resolution: side, buckets: { ...usualBuckets(side, model), upscale: buckets.upscale } };
};

/** Settings that a person has begun, for another model: its own size, where that of the one before stands. */
export const diffusionAt = (
  settings: DiffusionSettings | null,
  model: Model | undefined,
  before: Model | undefined,
): DiffusionSettings | null =>
  settings !== null && settings.buckets === null && settings.resolution === usualDiffusion(before).resolution
    ? { ...settings, resolution: usualDiffusion(model).resolution }
    : settings;

/** Pictures of the class and those without a caption, as the import found them; a set of captions has neither. */
const foundIn = (dataset: Dataset): { classPictures: number; withoutCaption: number } => {
  const subject = dataset.format.kind === 'pictures' ? dataset.format.subject : null;
  return { classPictures: subject?.classPictures ?? 0, withoutCaption: subject?.captions.missing ?? 0 };
};

interface Asked {
  readonly prompt?: string | null | undefined;
  readonly prior?:
    { readonly pictures?: number | undefined; readonly draw?: object | null | undefined } | null | undefined;
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
  if (prior !== null && !prior.draw && classPictures < Math.max(1, prior.pictures ?? 0))
    found[classPictures === 0 ? 'prior.prompt' : 'prior.pictures'] =
      classPictures === 0
        ? 'The data has no class pictures: have those that are missing drawn, or put some into the data’s folder “reg” and import it again.'
        : `The data has ${classPictures}: ask for fewer, or have those that are missing drawn.`;
  return found;
};

/** A width and a height that the model can't draw, by field. */
export const sizeRefusals = (
  size: Parameters<typeof sizeProblems>[0],
  { drawnSides }: Pick<Model, 'drawnSides'>,
): Record<string, string> =>
  drawnSides === null ? {} : inSentences(sizeProblems(size, drawnSides.multipleOf));

const inSentences = (found: ReturnType<typeof drawnSideConflicts>): Record<string, string> =>
  Object.fromEntries(found.map(({ field, message }) => [field, sentence(message)]));

const sentence = (message: string): string => `${message[0]!.toUpperCase()}${message.slice(1)}.`;

/** Sides that the model can't be trained on or draw, by field within `training.diffusion`. */
export const sideProblems = (
  settings: Parameters<typeof drawnSideConflicts>[0],
  { drawnSides }: Pick<Model, 'drawnSides'>,
): Record<string, string> =>
  drawnSides === null ? {} : inSentences(drawnSideConflicts(settings, drawnSides.multipleOf));
