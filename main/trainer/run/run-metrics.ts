import { atMoment, type MetricValues, type SummaryMoment } from '../../engine/metrics/summary.ts';
import type { Evaluation } from '../../engine/train/trainer.ts';
import type { Metric } from '../protocol/protocol.ts';

/** What an evaluation on held-out data measures. */
export const evaluationValues = ({ loss, accuracy }: Evaluation) =>
  ({
    'validation/loss': loss,
    ...(accuracy !== null && { 'validation/accuracy': accuracy }),
  }) satisfies MetricValues;

/** The same as a summary keeps it of a moment other than that of the adapter that is saved. */
export const evaluationAt = <Moment extends SummaryMoment>(evaluation: Evaluation, moment: Moment) =>
  Object.fromEntries(
    Object.entries(evaluationValues(evaluation)).map(([name, value]) => [atMoment(name, moment), value]),
  ) as Record<`validation/loss/${Moment}`, number> & Record<string, number>;

/** @param step optimizer steps done when the values were taken */
export const metricsAt = (step: number, values: MetricValues): Metric[] =>
  Object.entries(values).map(([name, value]) => ({ step, name, value }));
