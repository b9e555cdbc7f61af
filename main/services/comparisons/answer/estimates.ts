import { crossedEstimate, seedsEstimate, type CrossedEstimate } from '../../../engine/statistics/crossed.ts';
import type { Scope, TestName } from './comparison-answer.ts';
import type { Measured, UsableRun } from './measured.ts';

/** A mean with its uncertainty, and what that speaks of. */
export interface Estimated {
  readonly estimate: CrossedEstimate;
  readonly test: TestName;
  readonly scope: Scope;
}

/** Runs with a sign: those of an arm, those of another to be taken away. */
interface Side {
  readonly sign: 1 | -1;
  readonly runs: readonly UsableRun[];
}

/**
 * The one choice of a test, by what there is: items or only a number for each run, several seeds or one, paired or not. Null where nothing can be
 * estimated: one number for each arm.
 */
const estimated = (measured: Measured, sides: readonly Side[], paired: boolean): Estimated | null => {
  const several = sides.every(({ runs }) => runs.length > 1);
  const scores = sides.map(({ sign, runs }) => ({ sign, scores: runs.map(({ score }) => score) }));
  if (measured.strata.length === 0) {
    if (!several) return null;
    const test = paired ? 'seeds' : 'seeds, unpaired';
    return { estimate: seedsEstimate(scores), test, scope: 'methods on these items' };
  }
  const estimate = crossedEstimate(
    measured.strata.map(({ share, weights }, index) => ({
      share,
      weights,
      blocks: sides.map(({ sign, runs }) => ({ sign, rows: runs.map(({ rows }) => rows[index]!) })),
    })),
  );
  if (!several) return { estimate, test: 'items', scope: 'these trained models' };
  return { estimate, test: paired ? 'crossed' : 'crossed, seeds unpaired', scope: 'methods' };
};

/** Runs as differences: of the same seed, item by item. */
export const differencesOf = (first: readonly UsableRun[], second: readonly UsableRun[]): UsableRun[] =>
  first.map((run, index) => {
    const other = second[index]!;
    return {
      seed: run.seed,
      runId: run.runId,
      score: run.score - other.score,
      rows: run.rows.map((row, stratum) => row.map((value, item) => value - other.rows[stratum]![item]!)),
    };
  });

/** Of an arm alone. */
export const estimateOfArm = (measured: Measured, runs: readonly UsableRun[]): Estimated | null =>
  runs.length === 0 ? null : estimated(measured, [{ sign: 1, runs }], true);

/** Of an arm less one number, or less the base item by item where its items are there. */
export const estimateAgainst = (
  measured: Measured,
  runs: readonly UsableRun[],
  reference: number | 'base',
): Estimated | null => {
  const { strata, baseScore } = measured;
  const byItems = reference === 'base' && strata.length > 0 && strata.every(({ base }) => base !== null);
  const line = reference === 'base' ? baseScore : reference;
  if (line === null || runs.length === 0) return null;
  const less = runs.map((run) => ({
    ...run,
    score: run.score - line,
    rows: run.rows.map((row, stratum) =>
      row.map((value, item) => value - (byItems ? strata[stratum]!.base![item]! : line)),
    ),
  }));
  return estimateOfArm(measured, less);
};

/** Which runs of two arms are held against each other. */
export interface Pairing {
  readonly first: readonly UsableRun[];
  readonly second: readonly UsableRun[];
  /** Whether they stand in pairs of one seed. */
  readonly paired: boolean;
}

/** By the seeds that both have; all runs unpaired where those are fewer than two and each arm has two; else one run of each. */
export const pairingOf = (first: readonly UsableRun[], second: readonly UsableRun[]): Pairing | null => {
  if (first.length === 0 || second.length === 0) return null;
  const partner = (run: UsableRun) => second.find(({ seed }) => seed === run.seed);
  const common = first.filter((run) => partner(run) !== undefined);
  const partners = common.map((run) => partner(run)!);
  if (common.length >= 2) return { first: common, second: partners, paired: true };
  if (first.length >= 2 && second.length >= 2) return { first, second, paired: false };
  if (common.length === 1) return { first: common, second: partners, paired: true };
  return { first: first.slice(0, 1), second: second.slice(0, 1), paired: false };
};

/** First less second. Single runs are paired by their items, of whatever seeds they are. */
export const estimateOfPair = (measured: Measured, { first, second, paired }: Pairing): Estimated | null =>
  paired || (first.length === 1 && second.length === 1)
    ? estimateOfArm(measured, differencesOf(first, second))
    : estimated(
        measured,
        [
          { sign: 1, runs: first },
          { sign: -1, runs: second },
        ],
        false,
      );
