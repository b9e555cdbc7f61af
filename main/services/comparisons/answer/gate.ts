import { binomialTwoSided } from '../../../engine/statistics/binomial.ts';
import { estimateInterval, estimateP } from '../../../engine/statistics/estimate-tests.ts';
import { holm } from '../../../engine/statistics/holm.ts';
import type { Gate, Standing } from './comparison-answer.ts';
import { estimateAgainst } from './estimates.ts';
import type { Measured, UsableRun } from './measured.ts';
import { confidenceText, pText, valueIntervalText, valueText } from './number-text.ts';

type OpenGate = Omit<Gate, 'adjusted' | 'standing' | 'words'>;
export interface Gated {
  readonly measured: Measured;
  readonly name: string;
  readonly runs: readonly UsableRun[];
}

/**
 * Each of several (the arms at each number of shots, or the base alone) against chance or against the base; null where there is no such line. P by
 * Holm over those that could be tested.
 */
export const gatesOf = (
  gated: readonly Gated[],
  against: 'chance' | 'base',
  level: number,
): (Gate | null)[] => {
  const open = gated.map(({ measured, runs }) => {
    const reference = against === 'chance' ? measured.chance : measured.baseScore;
    return reference === null ? null : openGate(measured, runs, against, reference, level);
  });
  const tested = open.filter((gate) => gate !== null && gate.p !== null);
  const adjusted = holm(tested.map((gate) => gate!.p!));
  return open.map((gate, index) => {
    if (gate === null) return null;
    const { measured, name } = gated[index]!;
    const own = gate.p === null ? null : adjusted[tested.indexOf(gate)]!;
    const standing = standingOf(measured, gate, own, level);
    const words = wordsOf(measured, name, against, { ...gate, adjusted: own, standing }, level);
    return { ...gate, adjusted: own, standing, words };
  });
};

const openGate = (
  measured: Measured,
  runs: readonly UsableRun[],
  against: 'chance' | 'base',
  reference: number,
  level: number,
): OpenGate => {
  const nothing = {
    reference,
    difference: null,
    interval: null,
    p: null,
    test: 'none',
    scope: 'nothing',
  } as const;
  if (runs.length === 0) return nothing;
  const found = estimateAgainst(measured, runs, against === 'base' ? 'base' : reference);
  const difference = runs.reduce((sum, { score }) => sum + score, 0) / runs.length - reference;
  if (found === null) return { ...nothing, difference };
  const counted = against === 'chance' && runs.length === 1 ? countedP(measured, runs[0]!, reference) : null;
  const { estimate, test, scope } = found;
  const interval = estimateInterval(estimate, level);
  if (counted !== null) return { reference, difference, interval, p: counted, test: 'binomial', scope };
  // Without any spread there is no error to hold a difference against.
  if (estimate.error === 0 && difference !== 0) return { ...nothing, difference };
  return { reference, difference, interval, p: estimateP(estimate), test, scope };
};

/** Of one run whose items are right or wrong and count alike, exactly; null for others. */
const countedP = ({ strata }: Measured, { rows }: UsableRun, chance: number): number | null => {
  const [row, stratum] = [rows[0], strata[0]];
  if (rows.length !== 1 || row === undefined || stratum === undefined) return null;
  const alike = stratum.weights.every((weight) => weight === stratum.weights[0]);
  if (!alike || !row.every((value) => value === 0 || value === 1)) return null;
  return binomialTwoSided(row.filter((value) => value === 1).length, row.length, chance);
};

const standingOf = (
  { better }: Measured,
  { difference, p }: OpenGate,
  adjusted: number | null,
  level: number,
): Standing => {
  if (difference === null || p === null || adjusted === null) return 'unknown';
  if (adjusted >= level) return 'no better';
  return difference > 0 === (better === 'higher') ? 'better' : 'worse';
};

const wordsOf = (
  { unit, label }: Measured,
  name: string,
  against: 'chance' | 'base',
  gate: Omit<Gate, 'words'>,
  level: number,
): string => {
  const line = against === 'chance' ? 'chance' : 'the base model';
  const { reference, difference, interval, adjusted, standing } = gate;
  if (difference === null) return `${name} has no ${label} to hold against ${line}.`;
  const score = valueText(reference + difference, unit);
  const held = `${score} against ${valueText(reference, unit)}`;
  if (standing === 'unknown' || adjusted === null || interval === null)
    return `Whether ${name} differs from ${line} can't be told from what there is: ${held}.`;
  const around = valueIntervalText({ low: reference + interval.low, high: reference + interval.high }, unit);
  const numbers = `${held} (${confidenceText(level)} interval ${around}, ${pText(adjusted)})`;
  const verb = { better: 'better than', worse: 'worse than', 'no better': 'no better than' }[standing];
  return `${name} is ${verb} ${line}: ${numbers}.`;
};
