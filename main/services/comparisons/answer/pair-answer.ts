import { pairedBootstrap } from '../../../engine/statistics/bootstrap.ts';
import { equivalenceP, estimateInterval } from '../../../engine/statistics/estimate-tests.ts';
import { holm } from '../../../engine/statistics/holm.ts';
import { mean } from '../../../engine/statistics/moments.ts';
import { agreementOf } from './agreement.ts';
import type { ArmAnswer, PairAnswer, TestResult } from './comparison-answer.ts';
import { differencesOf, estimateOfPair, pairingOf, type Estimated, type Pairing } from './estimates.ts';
import { isRightOrWrong, itemCount, type Measured, type MeasuredArm } from './measured.ts';
import { neededFor } from './needed-answer.ts';
import { countText, listText } from './number-text.ts';
import { effectOf, testsOf } from './pair-tests.ts';
import { verdictOf } from './verdict.ts';

/** A pair before the correction over all pairs. */
export type OpenPair = Omit<PairAnswer, 'adjusted' | 'verdict' | 'words' | 'equivalence' | 'needed'> & {
  readonly equivalence: { margin: number; p: number; interval: { low: number; high: number } } | null;
  readonly pairing: Pairing | null;
  readonly found: Estimated | null;
};

export interface PairOptions {
  readonly level: number;
  /** Of the bootstrap; 0 for none. */
  readonly resamples: number;
  /** Whether an undecided pair says what would settle it. */
  readonly planning: boolean;
}

/** A metric with its arms as they are answered. */
export interface MeasuredMetric {
  readonly measured: Measured;
  readonly arms: readonly ArmAnswer[];
}

/** All pairs of arms of each metric, corrected over those of all of them that could be tested: one family. */
export const pairsOf = (family: readonly MeasuredMetric[], options: PairOptions): PairAnswer[][] => {
  const open = family.map(({ measured }) =>
    measured.arms.flatMap((first, index) =>
      measured.arms.slice(index + 1).map((second) => openPair(measured, first, second, options)),
    ),
  );
  const adjusted = corrected(open.flat().map(({ p }) => p));
  const equivalences = corrected(open.flat().map(({ equivalence }) => equivalence?.p ?? null));
  let at = 0;
  return open.map((pairs, index) =>
    pairs.map((pair) => {
      const decided = decidedPair(family[index]!, pair, adjusted[at]!, equivalences[at]!, options);
      at++;
      return decided;
    }),
  );
};

const decidedPair = (
  { measured, arms }: MeasuredMetric,
  { pairing, found, ...pair }: OpenPair,
  adjusted: number | null,
  equivalent: number | null,
  { level, planning }: PairOptions,
): PairAnswer => {
  const equivalence = pair.equivalence === null ? null : { ...pair.equivalence, adjusted: equivalent! };
  const decided = { ...pair, equivalence, adjusted };
  const { verdict, words } = verdictOf(measured, decided, arms, level);
  const isOpen = planning && verdict === 'inconclusive' && pairing !== null && found !== null;
  const needed = isOpen ? neededFor(measured, pairing, found, level) : null;
  return { ...decided, needed, verdict, words: needed === null ? words : `${words} ${needed.words}` };
};

/** Holm over those that are there. */
const corrected = (values: readonly (number | null)[]): (number | null)[] => {
  const adjusted = holm(values.filter((value) => value !== null));
  let next = 0;
  return values.map((value) => (value === null ? null : adjusted[next++]!));
};

const openPair = (
  measured: Measured,
  first: MeasuredArm,
  second: MeasuredArm,
  { level, resamples }: PairOptions,
): OpenPair => {
  const names = { first: first.arm, second: second.arm };
  const pairing = pairingOf(first.runs, second.runs);
  if (pairing === null)
    return { ...names, ...nothing, caveats: [first, second].flatMap(whyNothing), pairing: null, found: null };
  const difference =
    mean(pairing.first.map(({ score }) => score)) - mean(pairing.second.map(({ score }) => score));
  const caveats = caveatsOf(measured, first, second, pairing);
  const seeds = pairing.paired ? pairing.first.map(({ seed }) => seed) : [];
  const agreement =
    isRightOrWrong(measured) && pairing.first.length === pairing.second.length
      ? agreementOf(pairing, [first.arm, second.arm])
      : null;
  const found = estimateOfPair(measured, pairing);
  if (found === null || (found.estimate.error === 0 && difference !== 0)) {
    const reason =
      found === null
        ? 'There is one number for each arm, and nothing to tell its noise by: no p-value.'
        : 'The difference is the same in every run, so that its noise can’t be told: no p-value.';
    return {
      ...names,
      ...nothing,
      seeds,
      difference,
      agreement,
      caveats: [reason, ...caveats],
      pairing,
      found: null,
    };
  }
  const tests = testsOf(measured, pairing, found, resamples > 0);
  const { estimate, scope } = found;
  return {
    ...names,
    seeds,
    test: tests[0]!.name,
    scope,
    difference,
    interval: estimateInterval(estimate, level),
    bootstrap: resamples === 0 ? null : bootstrapOf(measured, pairing, level, resamples),
    p: tests[0]!.p,
    tests,
    effect: effectOf(measured, pairing),
    equivalence:
      measured.margin === null
        ? null
        : {
            margin: measured.margin,
            p: equivalenceP(estimate, measured.margin),
            interval: estimateInterval(estimate, 2 * level),
          },
    agreement,
    caveats: [...outOfReach(measured, tests[0]!, level), ...caveats],
    pairing,
    found,
  };
};

/** Of so few items that no difference could be told, however large. */
const outOfReach = (measured: Measured, { label, smallest }: TestResult, level: number): string[] =>
  smallest === null || smallest < level
    ? []
    : [
        `With ${countText(itemCount(measured), 'item')}, ${label} can’t go below p = ${Number(smallest.toPrecision(2))}: no difference could be told here, however large.`,
      ];

const nothing = {
  seeds: [],
  test: 'none',
  scope: 'nothing',
  difference: null,
  interval: null,
  bootstrap: null,
  p: null,
  tests: [],
  effect: null,
  equivalence: null,
  agreement: null,
} as const satisfies Partial<OpenPair> as Omit<
  OpenPair,
  'first' | 'second' | 'caveats' | 'pairing' | 'found'
>;

const bootstrapOf = (
  measured: Measured,
  { first, second, paired }: Pairing,
  level: number,
  resamples: number,
): PairAnswer['bootstrap'] => {
  const single = first.length === 1 && second.length === 1;
  if (!paired && !single) return null;
  const differences = differencesOf(first, second);
  // Of a metric without items each run is one.
  const strata =
    measured.strata.length > 0
      ? measured.strata.map(({ share, weights }, index) => ({
          share,
          weights,
          rows: differences.map(({ rows }) => rows[index]!),
        }))
      : [{ share: 1, weights: [1], rows: differences.map(({ score }) => [score]) }];
  const { percentile, accelerated, resamples: count } = pairedBootstrap(strata, level, 0, resamples);
  const words = single
    ? 'Items drawn again; it speaks of these two trained models.'
    : `Seeds and items drawn again, crossed. With ${countText(first.length, 'seed')} it is too narrow: the interval of the t counts.`;
  return { percentile, accelerated, resamples: count, words };
};

const whyNothing = ({ arm, runs, missing }: MeasuredArm): string[] => {
  if (runs.length > 0) return [];
  const reasons = [...new Set(missing.map(({ problem }) => problem))];
  return [
    `${arm} has no run that could be compared: ${reasons.length === 0 ? 'none was made' : reasons.join('; ')}.`,
  ];
};

const caveatsOf = (
  measured: Measured,
  first: MeasuredArm,
  second: MeasuredArm,
  pairing: Pairing,
): string[] => {
  const caveats: string[] = [];
  const single = pairing.first.length === 1 && pairing.second.length === 1;
  if (single && measured.strata.length > 0)
    caveats.push(
      `One seed${pairing.paired ? '' : ' each, and not the same'}: what p and interval say holds for these two trained models on items like these, not for the methods; another seed could turn it around.`,
    );
  else if (single) caveats.push('One seed: nothing can be said of the methods.');
  else if (!pairing.paired)
    caveats.push(
      `Unpaired: the arms have no two seeds in common, so that seeds were compared as independent ones.`,
    );
  else if (pairing.first.length < 5)
    caveats.push(
      `${countText(pairing.first.length, 'seed')}: sign flips of seeds can’t go below p = ${2 ** (1 - pairing.first.length)}, so p rests on the t, which takes the noise between seeds as normal.`,
    );
  if (measured.strata.length === 0 && !single)
    caveats.push(
      'One number for each run: p and interval know the noise of seeds, not that of the items scored.',
    );
  const left = [first, second].flatMap((arm) => leftOut(arm, pairing));
  if (left.length > 0) caveats.push(`Left out: ${listText(left)}.`);
  return caveats;
};

/** Runs that are missing, and good ones whose partner is. */
const leftOut = ({ arm, runs, missing }: MeasuredArm, pairing: Pairing): string[] => {
  const used = [...pairing.first, ...pairing.second];
  const partnerless = runs
    .filter((run) => !used.some(({ runId }) => runId === run.runId))
    .map(({ seed }) => `${arm}, seed ${seed} (no partner)`);
  return [...missing.map(({ seed, problem }) => `${arm}, seed ${seed} (${problem})`), ...partnerless];
};
