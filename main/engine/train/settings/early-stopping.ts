import { z } from 'zod';

/**
 * What the model does on held-out data after so many optimizer steps: the metrics of its objective, by name. Older files hold null for
 * those that the model has not.
 */
export const evaluationSchema = z.object({ step: z.int(), loss: z.number() }).catchall(z.number().nullable());

export const earlyStoppingSchema = z.strictObject({
  /** Evaluations in a row without an improvement, after which the run ends. */
  patience: z.int().min(1).default(3),
  /** How far the loss must fall to count as an improvement. */
  minDelta: z.number().min(0).default(0),
});

/** Measured values by the names of metrics. */
export interface EvaluationValues {
  readonly loss: number;
  readonly [metric: string]: number | null;
}

export type EvaluationPoint = EvaluationValues & z.output<typeof evaluationSchema>;
export type EarlyStoppingSettings = z.output<typeof earlyStoppingSchema>;

/** The one with the lowest loss; the earliest of equals. */
export const bestEvaluation = (evaluations: readonly EvaluationPoint[]): EvaluationPoint | undefined =>
  evaluations.reduce<EvaluationPoint | undefined>(
    (best, one) => (best === undefined || one.loss < best.loss ? one : best),
    undefined,
  );

/**
 * Evaluations since the last improvement. The first of all is one; each later one is an improvement where its loss lies at least
 * `minDelta` below that of the last improvement (as in Keras), so that a slow fall counts as soon as it adds up to that much.
 */
export const evaluationsWithoutImprovement = (
  evaluations: readonly EvaluationPoint[],
  { minDelta }: Pick<EarlyStoppingSettings, 'minDelta'>,
): number => {
  let [reference, since] = [Infinity, 0];
  for (const { loss } of evaluations) {
    const improved = loss < reference && reference - loss >= minDelta;
    if (improved) reference = loss;
    since = improved ? 0 : since + 1;
  }
  return since;
};

/** Whether a run ends after these evaluations. They are all that decides, so a run that goes on from a checkpoint decides the same. */
export const stopsEarly = (
  evaluations: readonly EvaluationPoint[],
  settings: EarlyStoppingSettings | null,
): boolean => settings !== null && evaluationsWithoutImprovement(evaluations, settings) >= settings.patience;
