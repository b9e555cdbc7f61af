import { mean, variance, weightedMean } from './moments.ts';

/**
 * A mean over seeds and items that are crossed: every seed's model answered every item. Both were drawn, so both make the mean uncertain.
 *
 *   x[s,i] = mu + S[s] + I[i] + E[s,i]
 *
 * With n seeds and m items the variance of the mean is var S / n + var I / m + var E / nm. Its three estimates:
 *
 *   over seeds      A = variance of the seeds' means / n            holds var S / n + var E / nm
 *   over items      B = variance of the items' means / m            holds var I / m + var E / nm
 *   of the rest     C = mean square of the residuals / nm           holds var E / nm
 *
 * so A + (B - C) estimates it, where B - C, which cannot be negative, is what the items add. (Clark 1973 of crossed speakers and words; his
 * min F' is the same without C, and needlessly severe.) A is known from few seeds only, the rest well, so mean / sqrt(A + B - C) is a t whose
 * degrees of freedom lie between n - 1 (all of it from the seeds) and those of the items. Satterthwaite's are (n - 1) / w^2, with w = A / (A + B -
 * C); too many with few seeds, as where A came out small by luck the degrees come out large: rejects up to 8 % at 5 % with three seeds. A lower power of
 * w holds the level, and simulation chose it: w^1/2 for two seeds (1.7 to 6.5 %, whatever the sizes of the variances), w for three (3.7 to 5.9 %),
 * w^4/3 for more (4.5 to 5.7 %). docs/statistics.md has the tables.
 */
export interface CrossedEstimate {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
  readonly degrees: number;
  /** What of the error's square varies with the seeds; 0 where there is one. */
  readonly seedPart: number;
  /** What the items add to it. */
  readonly itemPart: number;
  /** What of `seedPart` is no more than the noise of single answers, and falls with the items too. */
  readonly residualPart: number;
}

/** What was measured of one arm, or of the differences of two with paired seeds: rows are seeds, columns items. */
export interface Block {
  /** Whether it is added or taken away. */
  readonly sign: 1 | -1;
  readonly rows: readonly (readonly number[])[];
}

/** The items of one task. Several tasks have the same seeds and other items. */
export interface Stratum {
  /** Of the task in the mean of tasks: 1 over their number. */
  readonly share: number;
  /** Of each item in the task's mean. */
  readonly weights: readonly number[];
  readonly blocks: readonly Block[];
}

/**
 * The mean over items (weighted), over seeds, over tasks; of two blocks with unpaired seeds, their difference. Each task has at least two items.
 * With one seed in a block what is left is the items' part: it speaks of that one model.
 */
export const crossedEstimate = (strata: readonly Stratum[]): CrossedEstimate => {
  const parts = strata.map(stratumParts);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const overall = total(parts.map((part) => part.mean));
  const itemsAlone = total(parts.map((part) => part.items));
  const residualPart = total(parts.map((part) => part.residual));
  /** Satterthwaite's, of what the items make of a square. */
  const itemDegrees = (itemPart: number, square: number): number =>
    1 /
    total(parts.map(({ items, count }) => ((items / itemsAlone) * (itemPart / square)) ** 2 / (count - 1)));

  const blocks = strata[0]!.blocks.map((block, index) => {
    const means = block.rows.map((_, seed) => total(parts.map((part) => part.seedMeans[index]![seed]!)));
    return { part: variance(means) / means.length, degrees: means.length - 1 };
  });
  if (blocks.some(({ degrees }) => degrees === 0))
    return {
      mean: overall,
      error: Math.sqrt(itemsAlone),
      degrees: itemDegrees(itemsAlone, itemsAlone),
      seedPart: 0,
      itemPart: itemsAlone,
      residualPart: 0,
    };

  // Shares of right answers may come out the same for every seed. That is luck: the noise of single answers moves them at least.
  const seedPart = total(blocks.map(({ part }) => part)) || residualPart;
  const itemPart = Math.max(0, itemsAlone - residualPart);
  const square = seedPart + itemPart;
  return {
    mean: overall,
    error: Math.sqrt(square),
    degrees: crossedDegrees(seedPart, itemPart, degreesOfSeeds(blocks), itemDegrees(itemPart, square)),
    seedPart,
    itemPart,
    residualPart,
  };
};

/**
 * Of an error whose square is two parts, each known from so many degrees of freedom: one from few seeds, one from many items. The rule is
 * told, and was chosen by simulation, above.
 */
export const crossedDegrees = (
  seedPart: number,
  itemPart: number,
  ofSeeds: number,
  ofItems: number,
): number => {
  if (itemPart === 0) return ofSeeds;
  const share = seedPart / (seedPart + itemPart);
  return 1 / (share ** powerOfShare(ofSeeds) / ofSeeds + 1 / ofItems);
};

const powerOfShare = (ofSeeds: number): number => {
  if (ofSeeds <= 1) return 1 / 2;
  return ofSeeds < 3 ? 1 : 4 / 3;
};

/** A mean of one number for each seed, or the difference of two with unpaired seeds: Student's t and Welch's. At least two of each. */
export const seedsEstimate = (
  blocks: readonly { readonly sign: 1 | -1; readonly scores: readonly number[] }[],
): CrossedEstimate => {
  const parts = blocks.map(({ scores }) => ({
    part: variance(scores) / scores.length,
    degrees: scores.length - 1,
  }));
  const seedPart = parts.reduce((sum, { part }) => sum + part, 0);
  return {
    mean: blocks.reduce((sum, { sign, scores }) => sum + sign * mean(scores), 0),
    error: Math.sqrt(seedPart),
    degrees: degreesOfSeeds(parts),
    seedPart,
    itemPart: 0,
    residualPart: 0,
  };
};

/**
 * Of one block those of its variance, of two Welch's; but 1 where a block has two seeds, as Welch's are far too many then where that block is the
 * one that varies (10.5 % at 5 % for two seeds against five).
 */
const degreesOfSeeds = (blocks: readonly { readonly part: number; readonly degrees: number }[]): number => {
  const fewest = Math.min(...blocks.map(({ degrees }) => degrees));
  const sum = blocks.reduce((total, { part }) => total + part, 0);
  if (sum === 0 || fewest === 1) return fewest;
  return 1 / blocks.reduce((total, { part, degrees }) => total + (part / sum) ** 2 / degrees, 0);
};

const stratumParts = ({ share, weights, blocks }: Stratum) => {
  const count = weights.length;
  const tables = blocks.map(({ sign, rows }) => ({
    sign,
    rows: linearised(rows, weights).map((row) => row.map((value) => share * value)),
  }));
  const perBlock = tables.map(({ sign, rows }) => {
    const items = weights.map((_, item) => mean(rows.map((row) => row[item]!)));
    const seeds = rows.map((row) => mean(row));
    const center = mean(seeds);
    let squares = 0;
    for (const [seed, row] of rows.entries())
      for (const [item, value] of row.entries())
        squares += (value - seeds[seed]! - items[item]! + center) ** 2;
    const degrees = (rows.length - 1) * (count - 1);
    return {
      sign,
      items,
      seeds,
      center,
      residual: degrees === 0 ? 0 : squares / degrees / (rows.length * count),
    };
  });
  const itemDifferences = weights.map((_, item) =>
    perBlock.reduce((sum, { sign, items }) => sum + sign * items[item]!, 0),
  );
  return {
    count,
    mean: perBlock.reduce((sum, { sign, center }) => sum + sign * center, 0),
    items: variance(itemDifferences) / count,
    residual: perBlock.reduce((sum, { residual }) => sum + residual, 0),
    seedMeans: perBlock.map(({ seeds }) => seeds),
  };
};

/**
 * A weighted mean is a ratio of two sums, and both vary with the items drawn. To first order it varies as the plain mean of M + (w / mean w)
 * (x - M), with M the weighted mean (the linearisation of survey statistics, Cochran 1977, 6.3); their means are the weighted ones exactly.
 */
const linearised = (
  rows: readonly (readonly number[])[],
  weights: readonly number[],
): readonly (readonly number[])[] => {
  if (weights.every((weight) => weight === weights[0])) return rows;
  const center = mean(rows.map((row) => weightedMean(row, weights)));
  const usual = mean(weights);
  return rows.map((row) => row.map((value, item) => center + (weights[item]! / usual) * (value - center)));
};
