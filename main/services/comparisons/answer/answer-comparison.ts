import { invalidInput } from '../../../engine/errors.ts';
import type { ComparisonAnswer } from './comparison-answer.ts';
import { comparisonDataSchema, type ComparisonDataInput } from './comparison-data.ts';
import { costsOf } from './costs.ts';
import { curvesOf } from './curves.ts';
import { frontsOf } from './fronts.ts';
import { measuredOf } from './measured.ts';
import { metricAnswer } from './metric-answer.ts';
import { decidingMetric, pointsOf, sentenceOf } from './overall.ts';
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
  const open = all.map((metric) => metricAnswer(metric, { level: data.level, resamples, planning }));
  const deciding = decidingMetric(open);
  const metrics = open.map((metric) => ({ ...metric, decides: metric === deciding }));
  const costs = costsOf(data);
  const shown = metrics.filter(({ decides, meanOf }) => decides || meanOf.length > 0);
  const answer = {
    version: 1 as const,
    level: data.level,
    seeds: data.seeds,
    arms: data.arms,
    sentence: sentenceOf(
      metrics.find(({ decides }) => decides),
      data.seeds,
      costs,
    ),
    metrics,
    costs,
    fronts: frontsOf(shown, costs),
    curves: curvesOf(data),
    tuning: tuningOf(data),
  };
  return { ...answer, points: pointsOf(answer) };
};
