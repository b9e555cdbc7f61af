import type { SharedPictures } from '../../../../../main/api/contract.ts';
import { formatCount } from '../../../format/number.ts';

/** What held-out pictures have in common with those to train on; null where nothing. */
export const leakedPictures = ({ shared, pairs }: SharedPictures): string | null => {
  const count = shared.validation + shared.test;
  if (count === 0) return null;
  const others = pairs.filter(({ sameClass }) => !sameClass).length;
  const as = others === 0 ? '' : `, ${formatCount(others)} of those shown as another class`;
  return `${formatCount(count)} held-out ${count === 1 ? 'picture shows' : 'pictures show'} what one to train on shows${as}: what is measured on ${count === 1 ? 'it' : 'them'} was seen.`;
};

export const repeatedPictures = ({ repeated, contradicting }: SharedPictures): string => {
  if (repeated === 0) return 'No picture to train on shows what an earlier one shows.';
  const as = contradicting === 0 ? '' : `, ${formatCount(contradicting)} of them as another class`;
  return `${formatCount(repeated)} ${repeated === 1 ? 'picture' : 'pictures'} to train on ${repeated === 1 ? 'shows' : 'show'} what an earlier one shows${as}.`;
};
