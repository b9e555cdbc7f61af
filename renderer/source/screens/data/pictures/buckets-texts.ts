import type { Buckets } from '../../../../../main/api/contract.ts';
import { formatCount } from '../../../format/number.ts';
import { timesText } from './framing-draft.ts';

const named = 3;

const listed = (names: readonly string[], count: number): string =>
  `${names.slice(0, named).join(', ')}${count > named ? ` and ${formatCount(count - named)} more` : ''}`;

/** Smaller than their size: what is enlarged is less sharp. Undefined where none is. */
export const enlargedText = ({ enlarged: { count, pictures } }: Buckets): string | undefined => {
  if (count === 0) return undefined;
  const names = pictures.map(
    ({ name, width, height, times }) =>
      `${name} (${formatCount(width)} × ${formatCount(height)}, ${timesText(times)})`,
  );
  return `${formatCount(count)} ${count === 1 ? 'picture is' : 'pictures are'} enlarged, and so less sharp: ${listed(names, count)}.`;
};

/** What a run would refuse. */
export const lostText = ({ withoutBucket: { count, pictures }, unreadable }: Buckets): string | undefined => {
  const texts: string[] = [];
  const names = pictures.map(
    ({ name, width, height }) => `${name} (${formatCount(width)} × ${formatCount(height)})`,
  );
  if (count > 0)
    texts.push(
      `${formatCount(count)} ${count === 1 ? 'is' : 'are'} too small or too narrow, so that a run is refused: ${listed(names, count)}.`,
    );
  if (unreadable > 0) texts.push(`${formatCount(unreadable)} can't be read.`);
  return texts.length === 0 ? undefined : texts.join(' ');
};
