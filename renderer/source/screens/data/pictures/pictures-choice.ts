import type { CaptionSource, PicturesChoice, SetKind } from '../../../../../main/api/contract.ts';
import { captionPlaces, setNames } from '../../../format/dataset.ts';

/** What a form says of pictures: empty texts stand for what is found out. */
export interface ChoiceDraft {
  as: SetKind | 'found';
  captions: Exclude<CaptionSource, 'table'> | 'found';
  missingCaptions: 'refuse' | 'instance-prompt';
  /** NaN while what is typed is no number. */
  repeats: number | null;
  classPictures: string;
  orientation: 'as-marked' | 'as-stored';
  transparency: 'dropped' | 'on-white';
}

export const newChoice = (): ChoiceDraft => ({
  as: 'found',
  captions: 'found',
  missingCaptions: 'refuse',
  repeats: null,
  classPictures: '',
  orientation: 'as-marked',
  transparency: 'dropped',
});

/** Whether it says something that only pictures of a subject have. */
const isOfSubject = (draft: ChoiceDraft, found: SetKind | undefined): boolean =>
  draft.as === 'subject' || (draft.as === 'found' && (found === 'subject' || found === undefined));

/**
 * What is asked of the workbench: what is as usual is left out. Choices for a subject are asked for where the pictures are one, or may become one.
 * @param found what pictures were taken for when nothing of them was said
 */
export const choiceOf = (draft: ChoiceDraft, found: SetKind | undefined): PicturesChoice | undefined => {
  const { as, captions, missingCaptions, repeats, classPictures, orientation, transparency } = draft;
  const choice: PicturesChoice = {
    ...(as !== 'found' && { as }),
    ...(isOfSubject(draft, found) && {
      ...(captions !== 'found' && { captions }),
      ...(missingCaptions !== 'refuse' && { missingCaptions }),
      ...(repeats !== null && repeats !== 1 && { repeats }),
      ...(classPictures.trim() !== '' && { classPictures: classPictures.trim() }),
      ...(orientation !== 'as-marked' && { orientation }),
      ...(transparency !== 'dropped' && { transparency }),
    }),
  };
  return Object.keys(choice).length === 0 ? undefined : choice;
};

/** What is wrong with repeats, beside their field. */
export const repeatsProblem = ({ repeats }: Pick<ChoiceDraft, 'repeats'>): string | undefined =>
  repeats === null || (Number.isInteger(repeats) && repeats >= 1 && repeats <= 10_000)
    ? undefined
    : 'A whole number from 1 to 10,000.';

export const kindItems = (found: SetKind | undefined): { value: ChoiceDraft['as']; label: string }[] => [
  { value: 'found', label: found === undefined ? 'As found' : `As found: ${setNames[found].toLowerCase()}` },
  ...(['classes', 'captions', 'subject'] as const).map((value) => ({ value, label: setNames[value] })),
];

const sources = ['txt', 'caption', 'file-names', 'folder-names', 'none'] as const;

export const captionItems: { value: ChoiceDraft['captions']; label: string }[] = [
  { value: 'found', label: 'As found' },
  ...sources.map((value) => ({
    value,
    label: value === 'none' ? 'None' : `From ${captionPlaces[value]}`,
  })),
];
