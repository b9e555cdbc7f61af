import { noncentralT, tCritical } from './student-t.ts';
import { crossedDegrees, type CrossedEstimate } from './crossed.ts';

/** A comparison that was run, as what its error is made of. Unpaired arms count the seeds of each. */
export interface Design {
  readonly estimate: CrossedEstimate;
  readonly seeds: number;
  readonly items: number;
  readonly level: number;
}

const mostSeeds = 1000;
const mostItems = 1_000_000;

/**
 * The chance of a significant difference with other numbers of seeds and items, if the parts of the variance are as estimated. What lies in the
 * seeds themselves falls with them alone, what lies in the items with those alone, the noise of single answers with both.
 */
export const powerOf = (
  { estimate, seeds, items, level }: Design,
  difference: number,
  newSeeds: number,
  newItems: number,
): number => {
  const { error, degrees } = atSize({ estimate, seeds, items, level }, newSeeds, newItems);
  if (error === 0) return difference === 0 ? level : 1;
  return seenWith(Math.abs(difference) / error, degrees, level);
};

const atSize = ({ estimate, seeds, items }: Design, newSeeds: number, newItems: number) => {
  const moreSeeds = newSeeds / seeds;
  const moreItems = items === 0 ? 1 : newItems / items;
  const ownSeedPart = Math.max(0, estimate.seedPart - estimate.residualPart);
  const seedPart = ownSeedPart / moreSeeds + (estimate.seedPart - ownSeedPart) / (moreSeeds * moreItems);
  const itemPart = estimate.itemPart / moreItems;
  const square = seedPart + itemPart;
  if (newSeeds < 2) return { error: Math.sqrt(square), degrees: Math.max(1, newItems - 1) };
  // As `crossedEstimate` will count them, where the parts come out as they are here.
  const ofItems = (Math.max(1, newItems - 1) * square ** 2) / itemPart ** 2;
  return { error: Math.sqrt(square), degrees: crossedDegrees(seedPart, itemPart, newSeeds - 1, ofItems) };
};

/** The fewest seeds with which the difference is seen with this power, items as they are; null where 1000 are not enough. */
export const seedsNeeded = (design: Design, difference: number, power: number): number | null =>
  fewest((seeds) => powerOf(design, difference, seeds, design.items) >= power, 2, mostSeeds);

/** The fewest items with which the difference is seen with this power, seeds as they are; null where a million are not enough. */
export const itemsNeeded = (design: Design, difference: number, power: number): number | null => {
  if (design.items === 0) return null;
  return fewest((items) => powerOf(design, difference, design.seeds, items) >= power, 2, mostItems);
};

/** The smallest difference that is seen with this power as the comparison is. */
export const detectable = (design: Design, power: number): number => {
  const { error, degrees } = atSize(design, design.seeds, design.items);
  if (error === 0) return 0;
  let high = 2;
  while (seenWith(high, degrees, design.level) < power) high *= 2;
  let low = high / 2;
  for (let halvings = 0; halvings < 10; halvings++) {
    const middle = (low + high) / 2;
    if (seenWith(middle, degrees, design.level) < power) low = middle;
    else high = middle;
  }
  return high * error;
};

/** Power on the side of the difference alone; to be significant on the wrong side helps nobody. */
const seenWith = (delta: number, degrees: number, level: number): number =>
  1 - noncentralT(tCritical(level, degrees), degrees, delta);

/**
 * The least whole number for which a condition holds that stays true once it is; to two per cent, upwards, as nobody knows the variances better.
 */
const fewest = (holds: (count: number) => boolean, least: number, most: number): number | null => {
  if (!holds(most)) return null;
  let [low, high] = [least - 1, most];
  while (high - low > 1 && high > 1.02 * low) {
    const middle = Math.floor(Math.sqrt(low * high));
    const inside = middle <= low ? low + 1 : middle;
    if (holds(inside)) high = inside;
    else low = inside;
  }
  return high;
};
