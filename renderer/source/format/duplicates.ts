import type { Duplicates } from '../../../main/api/contract.ts';
import { formatCount } from './number.ts';

const rowsText = (rows: number): string => `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`;

/** What held-out rows have in common with training rows; null where nothing. */
export const leakageText = ({
  sharedRows,
  nearRows,
  heldOutRows,
}: Pick<Duplicates, 'sharedRows' | 'nearRows' | 'heldOutRows'>): string | null => {
  if (sharedRows + nearRows === 0) return null;
  const near = `${formatCount(nearRows)} nearly the same`;
  const what =
    sharedRows === 0
      ? near
      : nearRows === 0
        ? `${formatCount(sharedRows)} word for word`
        : `${formatCount(sharedRows)} word for word and ${near}`;
  return `Of ${formatCount(heldOutRows)} held-out rows, ${what} are among the training rows: losses on them say less of what is learnt.`;
};

export const repeatedText = ({ repeatedRows }: Pick<Duplicates, 'repeatedRows'>): string =>
  repeatedRows === 0
    ? 'No row of the training file repeats an earlier one.'
    : `${rowsText(repeatedRows)} of the training file ${repeatedRows === 1 ? 'repeats' : 'repeat'} an earlier one.`;
