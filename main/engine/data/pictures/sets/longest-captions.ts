import { partNames, type CaptionedSet, type SubjectSet } from './picture-set.ts';

/** How many are kept, and in characters how much of each: more than models of pictures take. */
const [kept, longest] = [20, 2000];

/** Some of the longest captions, by which it is estimated what a step takes, whatever the model's tokens are. */
export const longestCaptions = ({ parts }: CaptionedSet | SubjectSet): string[] =>
  partNames
    .flatMap((part) => (parts[part] ?? []).flatMap(({ caption }) => caption ?? []))
    .toSorted((one, other) => other.length - one.length)
    .slice(0, kept)
    .map((caption) => caption.slice(0, longest));
