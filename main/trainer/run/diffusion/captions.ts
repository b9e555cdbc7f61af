import type { SubjectSet } from '../../../engine/data/pictures/sets/picture-set.ts';
import { invalidInput } from '../../../engine/errors.ts';
import { limitText } from '../../../engine/limit-text.ts';
import type { Random } from '../../../engine/random.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import type { Chances } from './chances.ts';

/** A picture of the subject, or of its class. */
export interface Captioned {
  readonly name: string;
  readonly place: string;
  /** null: what the settings say of its kind. */
  readonly caption: string | null;
  readonly prior: boolean;
}

type TextSettings = Pick<
  DiffusionSettings,
  'prompt' | 'trigger' | 'prior' | 'shuffleTags' | 'keepTags' | 'captionDropout'
>;

const placeholder = '[trigger]';

/** The caption with the word that stands for the subject: where it says so, else before it, unless it is in there. */
const withTrigger = (caption: string, trigger: string): string => {
  if (caption.includes(placeholder)) return caption.replaceAll(placeholder, trigger);
  return caption.includes(trigger) ? caption : `${trigger} ${caption}`;
};

/**
 * What a picture is said to show, before anything is left to chance.
 * @throws WorkbenchError naming the picture where nobody says it
 */
export const captionOf = (
  { name, place, caption, prior }: Captioned,
  settings: Pick<TextSettings, 'prompt' | 'trigger' | 'prior'>,
): string => {
  if (prior) return caption ?? settings.prior?.prompt ?? '';
  const said = caption ?? settings.prompt;
  if (said === null)
    throw invalidInput(
      `${place}: "${name}" has no caption; give one, or say in training.diffusion.prompt what pictures without one show`,
    );
  return settings.trigger === null ? said : withTrigger(said, settings.trigger);
};

const shuffled = (caption: string, keep: number, random: Random): string => {
  const tags = caption
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return [...tags.slice(0, keep), ...random.shuffle(tags.slice(keep))].join(', ');
};

/** The same as a step sees it: with its tags in another order, or without any of it. Captions of the class stay as they are. */
export const captionInStep = (
  picture: Captioned,
  settings: TextSettings,
  chances: Pick<Chances, 'dropsCaption' | 'tags'>,
): string => {
  const caption = captionOf(picture, settings);
  if (picture.prior) return caption;
  if (settings.captionDropout > 0 && chances.dropsCaption()) return '';
  return settings.shuffleTags ? shuffled(caption, settings.keepTags, chances.tags()) : caption;
};

/** The texts that steps can have, where chance makes no others of them; null where tags are shuffled. */
export const textsOf = (pictures: readonly Captioned[], settings: TextSettings): readonly string[] | null => {
  if (settings.shuffleTags) return null;
  const captions = pictures.map((picture) => captionOf(picture, settings));
  return [...new Set(settings.captionDropout > 0 ? [...captions, ''] : captions)];
};

/** All that pictures of a set are said to show, whichever of them a run takes: nothing of it depends on what is held out. */
export const captionsOfSet = (
  { parts }: Pick<SubjectSet, 'parts'>,
  settings: Pick<TextSettings, 'prompt' | 'trigger' | 'prior'>,
): readonly string[] => {
  const { prompt, prior } = settings;
  const pictures = [...parts.train, ...(parts.validation ?? []), ...(parts.test ?? [])];
  const told = pictures.filter((one) => (one.prior ? prior !== null : (one.caption ?? prompt) !== null));
  const captions = told.map((picture) => captionOf(picture, settings));
  return [...new Set(prior === null ? captions : [...captions, prior.prompt])];
};

/** What a person should know of pictures that have a caption of their own beside a prompt for all. */
export const captionNotices = (
  pictures: readonly Captioned[],
  { prompt }: Pick<TextSettings, 'prompt'>,
): readonly string[] => {
  const own = pictures.filter(({ prior, caption }) => !prior && caption !== null).length;
  const all = pictures.filter(({ prior }) => !prior).length;
  if (prompt === null || own === 0) return [];
  return [
    `${limitText(own)} of ${limitText(all)} pictures have captions of their own; training.diffusion.prompt is said of the others`,
  ];
};
