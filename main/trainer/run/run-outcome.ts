import type { MetricValues } from '../../engine/metrics/summary.ts';
import {
  bestEvaluation,
  stopsEarly,
  type EarlyStoppingSettings,
  type EvaluationPoint,
} from '../../engine/train/settings/early-stopping.ts';
import { evaluationAt, evaluationValues } from './run-metrics.ts';

/** How a run ended: what is saved of it, and what a person should know of that. */
export interface RunOutcome {
  /** The evaluation whose adapter is saved. */
  readonly saved: EvaluationPoint;
  /** By name. */
  readonly summary: Readonly<Record<'validation/loss', number> & Record<string, number>>;
  readonly notices: readonly string[];
}

interface OutcomeSettings {
  readonly earlyStopping: EarlyStoppingSettings | null;
  readonly keepBest: boolean;
}

const lossText = (loss: number): string => loss.toFixed(4);

/**
 * @param evaluations since the first step, the last of them after the last step
 * @param planned optimizer steps that the run was to have
 * @param lost why the checkpoint of the best can't be read: what was trained last is saved then
 */
export const outcomeOf = (
  evaluations: readonly EvaluationPoint[],
  { earlyStopping, keepBest }: OutcomeSettings,
  planned: number,
  lost: string | null = null,
): RunOutcome => {
  const last = evaluations.at(-1);
  const best = bestEvaluation(evaluations);
  if (last === undefined || best === undefined) throw new Error('a run ends with an evaluation');
  const { step } = last;
  const notices: string[] = [];
  if (step < planned && stopsEarly(evaluations, earlyStopping))
    notices.push(
      `stopped early, at step ${step} of ${planned}: ${reasonOf(earlyStopping!)} (lowest ${lossText(best.loss)} at step ${best.step})`,
    );
  if (keepBest && lost !== null)
    notices.push(
      `${lost}; the adapter of the last step, ${step}, is kept in place of that of step ${best.step}, whose held-out loss of ${lossText(best.loss)} was the lowest (${lossText(last.loss)} after the last): train it anew to have that`,
    );
  else if (keepBest && best.step < step)
    notices.push(
      `the adapter of step ${best.step} is kept: its held-out loss of ${lossText(best.loss)} was the lowest of ${evaluations.length} evaluations; after the last step it was ${lossText(last.loss)}`,
    );
  const saved = keepBest && lost === null ? best : last;
  const steps = {
    'run/steps': step,
    'run/evaluations': evaluations.length,
    'run/best_step': best.step,
    ...(keepBest && { 'run/kept_step': saved.step }),
  } satisfies MetricValues;
  return {
    saved,
    summary: {
      ...steps,
      ...evaluationValues(saved),
      ...evaluationAt(last, 'last'),
      ...evaluationAt(best, 'best'),
    },
    notices,
  };
};

const reasonOf = ({ patience, minDelta }: EarlyStoppingSettings): string => {
  const times = patience === 1 ? 'one evaluation' : `${patience} evaluations`;
  return `the held-out loss had not fallen${minDelta > 0 ? ` by at least ${minDelta}` : ''} in ${times}`;
};
