import { detectable, itemsNeeded, seedsNeeded, type Design } from '../../../engine/statistics/needed.ts';
import type { Needed } from './comparison-answer.ts';
import type { Estimated, Pairing } from './estimates.ts';
import { itemCount, type Measured } from './measured.ts';
import { countText, differenceText } from './number-text.ts';

const power = 0.8;

/**
 * What would settle an undecided pair: seeds with the items as they are, or items with the seeds as they are, to see a difference of the size
 * measured (or of the user's margin, where that is larger) in 80 of 100 such comparisons. Null where the difference is zero or has no error.
 */
export const neededFor = (
  measured: Measured,
  pairing: Pairing,
  { estimate }: Estimated,
  level: number,
): Needed | null => {
  const seen = Math.abs(estimate.mean);
  const difference = Math.max(seen, measured.margin ?? 0);
  if (difference === 0 || estimate.error === 0) return null;
  const seeds = Math.min(pairing.first.length, pairing.second.length);
  const design: Design = { estimate, seeds, items: itemCount(measured), level };
  const needed = {
    difference,
    from: difference > seen ? ('margin' as const) : ('measured' as const),
    power,
    seeds: seeds < 2 ? null : seedsNeeded(design, difference, power),
    items: itemsNeeded(design, difference, power),
    detectable: detectable(design, power),
  };
  return { ...needed, words: wordsOf(measured, design, needed) };
};

const wordsOf = ({ unit }: Measured, design: Design, needed: Omit<Needed, 'words'>): string => {
  const sees = `As it is, this comparison sees differences of ${differenceText(needed.detectable, unit)} or more in 80 of 100 cases.`;
  const ways = waysOf(design, needed);
  const aim = needed.from === 'margin' ? 'the margin' : 'the difference measured, if it is real';
  const goal = `To see ${aim} (${differenceText(needed.difference, unit)})`;
  if (ways.length > 0) return `${sees} ${goal} as often, it takes ${ways.join(', or ')}.`;
  const hint =
    design.seeds < 2 ? 'first run it with at least three seeds' : 'it takes more seeds and more items';
  return `${sees} ${goal} as often, ${hint}.`;
};

const waysOf = ({ seeds, items }: Design, needed: Omit<Needed, 'words'>): string[] => {
  const ways: string[] = [];
  if (needed.seeds !== null)
    ways.push(`${countText(Math.max(needed.seeds, seeds), 'seed')} in all (it has ${seeds})`);
  if (needed.items !== null)
    ways.push(
      `${countText(Math.max(needed.items, items), 'item')} in all (it has ${items.toLocaleString('en-US')})`,
    );
  return ways;
};
