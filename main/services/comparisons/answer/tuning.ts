import { mean } from '../../../engine/statistics/moments.ts';
import type { TuningAnswer } from './comparison-answer.ts';
import type { ComparisonData, TuningData } from './comparison-data.ts';
import { listText } from './number-text.ts';

type ArmTuning = TuningAnswer['arms'][number];

/** Score against a setting, arm by arm: the curve is the result, not only its best point. */
export const tuningOf = ({ arms, tuning }: ComparisonData): TuningAnswer[] =>
  tuning.map((data) => {
    const tuned = arms.map(({ name }) => armTuning(data, name)).filter(({ trials }) => trials > 0);
    const { setting, shots, label, metric, metricLabel, unit, better } = data;
    return {
      setting,
      shots,
      label,
      metric,
      metricLabel,
      unit,
      better,
      arms: tuned,
      caveats: caveatsOf(data, tuned),
    };
  });

const armTuning = ({ trials, better }: TuningData, arm: string): ArmTuning => {
  const own = trials.filter((trial) => trial.arm === arm);
  const values = [...new Set(own.map(({ value }) => value))].sort((one, other) => one - other);
  const tried = values.map((value) => {
    const at = own.filter((trial) => trial.value === value);
    const scores = at.flatMap(({ score, problem }) =>
      score !== null && problem === null && Number.isFinite(score) ? [score] : [],
    );
    return { value, scores, failed: at.length - scores.length };
  });
  const points = tried
    .filter(({ scores }) => scores.length > 0)
    .map(({ value, scores, failed }) => ({ value, mean: mean(scores), scores, failed }));
  const best = points.reduce<(typeof points)[number] | null>(
    (found, point) =>
      found === null || (better === 'higher' ? point.mean > found.mean : point.mean < found.mean)
        ? point
        : found,
    null,
  );
  const atEdge =
    best !== null && values.length > 1 && (best.value === values[0] || best.value === values.at(-1));
  return { arm, trials: own.length, points, best: best?.value ?? null, atEdge };
};

const caveatsOf = ({ label }: TuningData, arms: readonly ArmTuning[]): string[] => {
  const caveats: string[] = [];
  if (new Set(arms.map(({ trials }) => trials)).size > 1)
    caveats.push(
      `The arms had unequal numbers of trials (${listText(arms.map(({ arm, trials }) => `${arm} ${trials}`))}): the one with more was tuned better.`,
    );
  const edges = arms.filter(({ atEdge }) => atEdge).map(({ arm }) => arm);
  if (edges.length > 0)
    caveats.push(
      `The best ${label} of ${listText(edges)} stands at an end of what was tried: a better one may lie beyond.`,
    );
  const without = arms.filter(({ best }) => best === null).map(({ arm }) => arm);
  if (without.length > 0) caveats.push(`No trial of ${listText(without)} gave a score.`);
  return caveats;
};
