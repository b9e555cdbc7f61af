import type { Agreement } from './comparison-answer.ts';
import type { Pairing } from './estimates.ts';
import type { UsableRun } from './measured.ts';
import { countText, valueText } from './number-text.ts';

/** On which items two arms agree, for items that are right or wrong; seeds in pairs. */
export const agreementOf = ({ first, second }: Pairing, names: readonly [string, string]): Agreement => {
  const counts = { bothRight: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const [index, run] of first.entries())
    for (const [stratum, row] of run.rows.entries())
      for (const [item, value] of row.entries()) {
        const other = second[index]!.rows[stratum]![item]!;
        if (value === 1) counts[other === 1 ? 'bothRight' : 'onlyFirst']++;
        else counts[other === 1 ? 'onlySecond' : 'neither']++;
      }
  const total = counts.bothRight + counts.onlyFirst + counts.onlySecond + counts.neither;
  const between = (counts.onlyFirst + counts.onlySecond) / total;
  const [withinFirst, withinSecond] = [within(first), within(second)];
  // Where one of them wins most of the items on which they differ, it is more than the noise of seeds.
  const lopsided =
    Math.abs(counts.onlyFirst - counts.onlySecond) > 0.2 * (counts.onlyFirst + counts.onlySecond);
  const words = wordsOf(between, lopsided, withinFirst, withinSecond, names, total);
  return { ...counts, between, withinFirst, withinSecond, words };
};

/** The share of items on which two seeds of one arm differ, over all pairs of seeds. */
const within = (runs: readonly UsableRun[]): number | null => {
  let [differing, total] = [0, 0];
  for (const [index, run] of runs.entries())
    for (const other of runs.slice(index + 1))
      for (const [stratum, row] of run.rows.entries())
        for (const [item, value] of row.entries()) {
          total++;
          if (value !== other.rows[stratum]![item]) differing++;
        }
  return total === 0 ? null : differing / total;
};

const wordsOf = (
  between: number,
  lopsided: boolean,
  withinFirst: number | null,
  withinSecond: number | null,
  [first, second]: readonly [string, string],
  total: number,
): string => {
  const share = (value: number): string => valueText(value, 'share');
  const start = `${first} and ${second} differ on ${share(between)} of ${countText(total, 'answer')}`;
  if (withinFirst === null || withinSecond === null) return `${start}.`;
  const seeds = `two seeds of ${first} on ${share(withinFirst)}, of ${second} on ${share(withinSecond)}`;
  const more = lopsided || between > Math.max(withinFirst, withinSecond);
  return `${start}; ${seeds}${more ? '' : ', so that the method changes answers no more than the seed does'}.`;
};
