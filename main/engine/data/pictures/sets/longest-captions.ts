import { entriesOf, type CaptionedPicture, type CaptionedSet } from './picture-set.ts';

/** How many are kept, and in characters how much of each: more than models of pictures take. */
const [kept, longest] = [20, 2000];

/** Some of the longest captions, by which it is estimated what a step takes, whatever the model's tokens are. */
export const longestCaptions = ({ parts }: CaptionedSet): string[] =>
  (entriesOf(parts) as CaptionedPicture[])
    .map(({ caption }) => caption)
    .toSorted((one, other) => other.length - one.length)
    .slice(0, kept)
    .map((caption) => caption.slice(0, longest));
