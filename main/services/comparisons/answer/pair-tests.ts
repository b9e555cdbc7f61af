import { mcNemar } from '../../../engine/statistics/binomial.ts';
import {
  cohensDz,
  cohensH,
  effectWord,
  hedgesFactor,
  hedgesG,
} from '../../../engine/statistics/effect-size.ts';
import { estimateP } from '../../../engine/statistics/estimate-tests.ts';
import { mean } from '../../../engine/statistics/moments.ts';
import { signFlips } from '../../../engine/statistics/sign-flips.ts';
import { signedRank } from '../../../engine/statistics/signed-rank.ts';
import type { PairAnswer, TestResult } from './comparison-answer.ts';
import { differencesOf, type Estimated, type Pairing } from './estimates.ts';
import { isRightOrWrong, type Measured, type UsableRun } from './measured.ts';

/**
 * Every test that fits, the one that decides first. Those beside it speak of less: sign flips of seeds need six of them to reach 5 %, and sign
 * flips or McNemar's test over items speak of the trained models that are there, not of the methods. What has to be drawn and decides nothing is left
 * out where nothing is to be drawn.
 */
export const testsOf = (
  measured: Measured,
  pairing: Pairing,
  found: Estimated,
  drawing: boolean,
): TestResult[] => {
  const { first, second, paired } = pairing;
  const byItems = measured.strata.length > 0;
  const single = first.length === 1 && second.length === 1;
  const differences = paired || single ? differencesOf(first, second) : [];
  if (single && byItems) return singleTests(measured, pairing, differences[0]!);
  const main: TestResult = {
    name: found.test,
    label: mainLabels[found.test] ?? found.test,
    p: estimateP(found.estimate),
    smallest: null,
    scope: found.scope,
  };
  if (!paired) return [main];
  const flips = signFlips(differences.map(({ score }) => score));
  const beside: TestResult[] = [
    { name: 'sign flips of seeds', label: 'sign flips of seeds', ...pOf(flips), scope: found.scope },
  ];
  if (byItems && drawing)
    beside.push({
      name: 'sign flips of items',
      label: 'sign flips of items',
      ...pOf(signFlips(weighted(measured, differences))),
      scope: 'these trained models',
    });
  if (isRightOrWrong(measured)) beside.push(...first.map((run, index) => mcNemarOf(run, second[index]!)));
  return [main, ...beside];
};

const mainLabels: Partial<Record<Estimated['test'], string>> = {
  crossed: 't over seeds and items',
  'crossed, seeds unpaired': 't over seeds and items, seeds unpaired',
  seeds: 't over seeds',
  'seeds, unpaired': 'Welch’s t over seeds',
};

/** One model of each: over items only. */
const singleTests = (measured: Measured, pairing: Pairing, difference: UsableRun): TestResult[] => {
  const values = weighted(measured, [difference]);
  const scope = 'these trained models' as const;
  const flips: TestResult = { name: 'items', label: 'sign flips of items', ...pOf(signFlips(values)), scope };
  if (isRightOrWrong(measured) && measured.strata.length === 1)
    return [mcNemarOf(pairing.first[0]!, pairing.second[0]!), flips];
  const ranks = signedRank(values);
  if (!Number.isFinite(ranks.p)) return [flips];
  return [
    flips,
    { name: 'signed ranks of items', label: 'signed ranks of items', p: ranks.p, smallest: null, scope },
  ];
};

const pOf = ({ p, exact, smallest }: { p: number; exact: boolean; smallest: number }) => ({
  p,
  smallest: exact ? smallest : null,
});

const mcNemarOf = (first: UsableRun, second: UsableRun): TestResult => {
  let [onlyFirst, onlySecond] = [0, 0];
  for (const [stratum, row] of first.rows.entries())
    for (const [item, value] of row.entries()) {
      const other = second.rows[stratum]![item]!;
      if (value > other) onlyFirst++;
      if (value < other) onlySecond++;
    }
  const seed = first.seed === second.seed ? `seed ${first.seed}` : `seeds ${first.seed} and ${second.seed}`;
  const p = mcNemar(onlyFirst, onlySecond);
  return { name: 'McNemar', label: `McNemar, ${seed}`, p, smallest: null, scope: 'these trained models' };
};

/** What each item adds to the difference: of the mean over seeds, by its weight and its task's share. */
const weighted = ({ strata }: Measured, differences: readonly UsableRun[]): number[] =>
  strata.flatMap(({ share, weights }, stratum) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map(
      (weight, item) => (share * weight * mean(differences.map(({ rows }) => rows[stratum]![item]!))) / total,
    );
  });

/**
 * Of shares Cohen's h; of other items the mean difference in standard deviations of the items' differences; of one number for each run the same over
 * seeds with Hedges' correction. Null where there is no spread, or two seeds.
 */
export const effectOf = (measured: Measured, { first, second, paired }: Pairing): PairAnswer['effect'] => {
  const scores = (runs: readonly UsableRun[]): number[] => runs.map(({ score }) => score);
  const single = first.length === 1 && second.length === 1;
  if (isRightOrWrong(measured))
    return effect("Cohen's h", cohensH(mean(scores(first)), mean(scores(second))));
  if (!paired && !single) return effect("Hedges' g", hedgesG(scores(first), scores(second)));
  const differences = differencesOf(first, second);
  if (measured.strata.length > 0) {
    const items = measured.strata.flatMap(({ weights }, stratum) =>
      weights.map((_, item) => mean(differences.map(({ rows }) => rows[stratum]![item]!))),
    );
    return effect("Cohen's d_z", cohensDz(items));
  }
  if (first.length < 3) return null;
  return effect("Hedges' g_z", cohensDz(scores(differences)) * hedgesFactor(first.length - 1));
};

const effect = (name: NonNullable<PairAnswer['effect']>['name'], value: number): PairAnswer['effect'] =>
  Number.isFinite(value) ? { name, value, words: effectWord(value) } : null;
