import type { Experiment, Run } from '../../../main/api/contract.ts';
import type { RunPace } from '../state/pace.svelte.ts';
import { formatRemaining } from './time.ts';

export interface TimeLeft {
  readonly seconds: number;
  /** Where evaluations are still to come of which nobody knows how long they take. */
  readonly isAtLeast: boolean;
}

type Training = Pick<Experiment['definition']['training'], 'evaluateEvery'>;

/** Evaluations that are due after a step: those on the way, and the one at the end. */
const evaluationsAfter = (step: number, steps: number, every: number): number =>
  1 + (every > 0 ? Math.max(0, Math.floor((steps - 1) / every) - Math.floor(step / every)) : 0);

/**
 * What a run still takes, evaluations counted; undefined where its pace is not known.
 * @param run as it is; one that waits is taken from its start
 */
export const timeLeftOf = (
  { step, steps, progress, configuration }: Pick<Run, 'step' | 'steps' | 'progress' | 'configuration'>,
  training: Training,
  { secondsPerStep, secondsPerEvaluation }: RunPace,
): TimeLeft | undefined => {
  if (steps === null || secondsPerStep === undefined) return undefined;
  const every = configuration.training?.evaluateEvery ?? training.evaluateEvery;
  const isEvaluating = progress?.phase === 'evaluating';
  const isAtTheEnd = isEvaluating && step >= steps;
  const whole = isAtTheEnd ? 0 : evaluationsAfter(step, steps, every);
  const part = isEvaluating && progress.total > 0 ? 1 - progress.done / progress.total : 0;
  const stepping = Math.max(0, steps - step) * secondsPerStep;
  return {
    seconds: stepping + (whole + part) * (secondsPerEvaluation ?? 0),
    isAtLeast: secondsPerEvaluation === undefined,
  };
};

/** `about 3 min 12 s left`, `at least 40 s left` */
export const formatTimeLeft = ({ seconds, isAtLeast }: TimeLeft): string =>
  `${isAtLeast ? 'at least' : 'about'} ${formatRemaining(seconds)} left`;

/**
 * Of all runs of an experiment, one after the other: those that wait go as fast as the one that runs. Undefined before that has
 * taken a step.
 */
export const timeLeftOfAll = (
  { runs, definition }: Pick<Experiment, 'runs' | 'definition'>,
  paceOf: (runId: string) => RunPace,
): TimeLeft | undefined => {
  const live = runs.find(({ id, status }) => status === 'running' && paceOf(id).secondsPerStep !== undefined);
  if (live === undefined) return undefined;
  const parts = runs
    .filter(({ status }) => status === 'running' || status === 'queued')
    .map((run) => {
      const own = paceOf(run.id);
      const pace = own.secondsPerStep === undefined ? paceOf(live.id) : own;
      return timeLeftOf({ ...run, steps: run.steps ?? live.steps }, definition.training, pace);
    });
  return {
    seconds: parts.reduce((sum, part) => sum + (part?.seconds ?? 0), 0),
    isAtLeast: parts.some((part) => part === undefined || part.isAtLeast),
  };
};
