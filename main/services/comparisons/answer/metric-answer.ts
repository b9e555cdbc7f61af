import { estimateInterval } from '../../../engine/statistics/estimate-tests.ts';
import { mean, standardDeviation } from '../../../engine/statistics/moments.ts';
import type { ArmAnswer, Gate, MetricAnswer } from './comparison-answer.ts';
import { estimateOfArm } from './estimates.ts';
import { gatesOf } from './gate.ts';
import { itemCount, type Measured, type MeasuredArm, type UsableRun } from './measured.ts';
import { listText, valueText } from './number-text.ts';
import { pairsOf, type PairOptions } from './pair-answer.ts';

/**
 * One metric of one task, or its mean over tasks, at each number of shots. They are one family of claims: whoever looks for a number of shots at
 * which an arm wins finds one by chance sooner, the more there are. So are several metrics where that is asked for.
 */
export const metricAnswers = (family: readonly Measured[], options: PairOptions): MetricAnswer[] => {
  const { level } = options;
  const gated = family.flatMap((measured) =>
    measured.arms.map(({ arm, runs }) => ({ measured, name: arm, runs })),
  );
  const [chances, bases] = [gatesOf(gated, 'chance', level), gatesOf(gated, 'base', level)];
  let at = 0;
  const answered = family.map((measured) => ({
    measured,
    arms: measured.arms.map((arm) => {
      const answer = armAnswer(measured, arm, chances[at]!, bases[at]!, level);
      at++;
      return answer;
    }),
  }));
  const pairs = pairsOf(answered, options);
  const tested = pairs.flat().filter(({ p }) => p !== null).length;
  return answered.map(({ measured, arms }, index) =>
    metricAnswer(measured, arms, pairs[index]!, familyOf(family, tested), level),
  );
};

const metricAnswer = (
  measured: Measured,
  arms: ArmAnswer[],
  pairs: MetricAnswer['pairs'],
  family: string,
  level: number,
): MetricAnswer => {
  const { task, metric, shots, label, unit, better, chance, margin, meanOf, caveats, confusions } = measured;
  return {
    task,
    metric,
    shots,
    label,
    unit,
    better,
    meanOf: [...meanOf],
    items: itemCount(measured),
    chance,
    margin,
    base: baseAnswer(measured, level),
    arms,
    pairs,
    family,
    decides: false,
    gate: gateWords(measured, arms),
    caveats: [...caveats],
    confusions,
  };
};

const familyOf = (family: readonly Measured[], tested: number): string => {
  if (tested === 0) return 'No pair could be tested.';
  const { task, label } = family[0]!;
  const labels = [...new Set(family.map((measured) => `${measured.label} of ${measured.task}`))];
  if (labels.length > 1)
    return `Holm’s correction over the ${tested} tests of pairs of arms on ${listText(labels)} together.`;
  const where = `${label} of ${task}${family.length === 1 ? '' : `, at ${family.length} numbers of shots together`}`;
  return tested === 1
    ? `One pair was tested on ${where}; there is nothing to correct for within it. Other metrics are families of their own.`
    : `Holm’s correction over the ${tested} pairs of arms tested on ${where}. Other metrics are families of their own.`;
};

const armAnswer = (
  measured: Measured,
  { arm, runs, missing }: MeasuredArm,
  chance: Gate | null,
  base: Gate | null,
  level: number,
): ArmAnswer => {
  const scores = runs.map(({ score }) => score);
  const found = estimateOfArm(measured, runs);
  return {
    arm,
    runs: runs.map(({ seed, runId, score }) => ({ seed, runId, score })),
    missing: missing.map((entry) => ({ ...entry })),
    mean: scores.length === 0 ? null : mean(scores),
    deviation: scores.length < 2 ? null : standardDeviation(scores),
    interval: found === null ? null : estimateInterval(found.estimate, level),
    intervalScope: found === null ? 'nothing' : found.scope,
    chance,
    base,
  };
};

/** The base has no seed: its interval knows the items only. */
const baseAnswer = (measured: Measured, level: number): MetricAnswer['base'] => {
  const { baseScore, strata } = measured;
  if (baseScore === null) return null;
  const rows = strata.flatMap(({ base }) => (base === null ? [] : [base]));
  if (rows.length === 0 || rows.length < strata.length)
    return { score: baseScore, interval: null, chance: null };
  const run: UsableRun = { seed: 0, runId: '', score: baseScore, rows };
  const [chance] = gatesOf([{ measured, name: 'The base model', runs: [run] }], 'chance', level);
  const found = estimateOfArm(measured, [run]);
  return {
    score: baseScore,
    interval: found === null ? null : estimateInterval(found.estimate, level),
    chance: chance ?? null,
  };
};

/** What a reader must know before any ranking. */
const gateWords = ({ chance, baseScore, unit }: Measured, arms: readonly ArmAnswer[]): string => {
  const scored = arms.filter(({ mean }) => mean !== null);
  if (scored.length === 0) return 'No arm has a run that could be scored.';
  const sentences: string[] = [];
  const say = (against: 'chance' | 'base', line: string): void => {
    const gated = scored.filter((arm) => arm[against] !== null);
    const failing = gated.filter((arm) => ['no better', 'worse'].includes(arm[against]!.standing));
    const unknown = gated.filter((arm) => arm[against]!.standing === 'unknown');
    if (failing.length > 0 && failing.length === scored.length)
      sentences.push(
        `${scored.length === 1 ? scored[0]!.arm + ' is no' : 'No arm is'} better than ${line}${against === 'chance' ? ': there is nothing to rank' : ''}.`,
      );
    else if (failing.length > 0)
      sentences.push(
        `${listText(failing.map(({ arm }) => arm))} ${failing.length === 1 ? 'is' : 'are'} no better than ${line}.`,
      );
    if (unknown.length > 0)
      sentences.push(
        `Whether ${listText(unknown.map(({ arm }) => arm))} ${unknown.length === 1 ? 'differs' : 'differ'} from ${line} can’t be told.`,
      );
  };
  if (chance !== null) say('chance', `chance (${valueText(chance, unit)})`);
  if (baseScore !== null) say('base', `the base model (${valueText(baseScore, unit)})`);
  return sentences.join(' ');
};
