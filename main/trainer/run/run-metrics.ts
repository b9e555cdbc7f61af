import { atMoment, type MetricValues, type SummaryMoment } from '../../engine/metrics/summary.ts';
import type { EvaluationPoint, EvaluationValues } from '../../engine/train/settings/early-stopping.ts';
import type { Metric } from '../protocol/protocol.ts';

/** What an evaluation on held-out data measured, under the names of metrics: all that the model's objective tells. */
export const evaluationValues = (evaluation: EvaluationValues | EvaluationPoint) => {
  const { step: _, ...values } = evaluation as Partial<EvaluationPoint>;
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'number' ? [[`validation/${name}`, value] as const] : [],
    ),
  ) as Record<'validation/loss', number> & Record<string, number>;
};

/** The same as a summary keeps it of a moment other than that of the adapter that is saved. */
export const evaluationAt = <Moment extends SummaryMoment>(evaluation: EvaluationValues, moment: Moment) =>
  Object.fromEntries(
    Object.entries(evaluationValues(evaluation)).map(([name, value]) => [atMoment(name, moment), value]),
  ) as Record<`validation/loss/${Moment}`, number> & Record<string, number>;

/** @param step optimizer steps done when the values were taken */
export const metricsAt = (step: number, values: MetricValues): Metric[] =>
  Object.entries(values).map(([name, value]) => ({ step, name, value }));
