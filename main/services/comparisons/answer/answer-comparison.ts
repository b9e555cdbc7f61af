import { invalidInput } from '../../../engine/errors.ts';
import type { ComparisonAnswer, CostAnswer, MetricAnswer } from './comparison-answer.ts';
import { comparisonDataSchema, type ComparisonDataInput } from './comparison-data.ts';
import { costsOf } from './costs.ts';
import { curvesOf } from './curves.ts';
import { frontsOf } from './fronts.ts';
import { measuredOf } from './measured.ts';
import { metricAnswers } from './metric-answer.ts';
import { decidingMetric, pointsOf, sentenceOf } from './overall.ts';
import { shotCurvesOf } from './shot-curves.ts';
import { sentenceOverShots } from './sentence-over-shots.ts';
import { taskMeans } from './task-mean.ts';
import { tuningOf } from './tuning.ts';

export interface AnswerOptions {
  /** Of the bootstrap that stands beside the intervals; 0 for none, and for no other draws that decide nothing. */
  readonly resamples?: number;
  /** Whether undecided pairs say what would settle them, which takes most of the time; yes unless told otherwise. */
  readonly planning?: boolean;
}

/**
 * What a comparison says, and what it can't. A pure function: the same data give the same answer, draws included.
 * @throws WorkbenchError where the data have not the form that they should have
 */
export const answerComparison = (
  input: ComparisonDataInput,
  { resamples = 1000, planning = true }: AnswerOptions = {},
): ComparisonAnswer => {
  const parsed = comparisonDataSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw invalidInput(`comparison data, ${issue.path.join('.')}: ${issue.message}`);
  }
  const data = parsed.data;
  const measured = data.metrics.map((metric) => measuredOf(data, metric));
  const all = [...taskMeans(measured), ...measured];
  const families = Map.groupBy(all, ({ task, metric }) =>
    data.correction === 'over-metrics' ? '' : JSON.stringify([task, metric]),
  );
  const open = [...families.values()].flatMap((family) =>
    metricAnswers(family, { level: data.level, resamples, planning }),
  );
  const deciding = decidingMetric(open);
  const metrics = open.map((metric) => ({
    ...metric,
    decides: metric.task === deciding?.task && metric.metric === deciding.metric,
  }));
  const costs = costsOf(data);
  const shown = metrics.filter(({ decides, meanOf }) => decides || meanOf.length > 0);
  const answer = {
    version: 1 as const,
    level: data.level,
    seeds: data.seeds,
    arms: data.arms,
    sentence: sentenceFor(
      metrics.filter(({ decides }) => decides),
      data.seeds,
      costs,
    ),
    metrics,
    costs,
    fronts: frontsOf(shown, costs),
    curves: curvesOf(data),
    shotCurves: shotCurvesOf(metrics, data.level),
    tuning: tuningOf(data),
  };
  return { ...answer, points: pointsOf(answer) };
};

/** @param deciding the metric that the answer rests on, at each number of shots */
const sentenceFor = (
  deciding: readonly MetricAnswer[],
  seeds: readonly number[],
  costs: readonly CostAnswer[],
): string => {
  const [first] = deciding;
  return first === undefined || first.shots === null
    ? sentenceOf(first, seeds, costs)
    : sentenceOverShots(deciding, seeds);
};
