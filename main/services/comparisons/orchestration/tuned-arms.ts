import type { Configuration } from '../../shared/experiment-definition.ts';
import type { Trial } from '../design/sweep-schema.ts';
import { withTrial } from '../design/sweep-trials.ts';
import { shotsOf, stateAt, type Shots } from './at-shots.ts';
import type { ComparisonState, RunState } from './comparison-state.ts';

export interface TunedArm {
  readonly arm: string;
  readonly shots: Shots;
  /** Null without tuning, and where none was completed. */
  readonly trial: Trial | null;
  /** Of that trial, on the rows to tune by. */
  readonly loss: number | null;
  /** Null where it can't be trained: it was to be tuned and none of its trials was completed. */
  readonly configuration: Configuration | null;
}

/**
 * What each arm is trained with in the end. The trial with the lowest loss is taken, of those that were trained the longest; the first of
 * equals. Before tuning is done this is what it would come to now. Each number of shots has a search of its own.
 */
export const tunedArms = (state: ComparisonState): TunedArm[] =>
  shotsOf(state.definition).flatMap((shots) => tunedArmsAt(stateAt(state, shots), shots));

/** @param state with the runs of one number of shots */
export const tunedArmsAt = (state: ComparisonState, shots: Shots): TunedArm[] =>
  state.design.arms.map((configuration) => {
    const arm = configuration.name;
    if (state.definition.tuning === null) return { arm, shots, trial: null, loss: null, configuration };
    const best = bestTrial(state.runs.filter((run) => run.role === 'tuning' && run.arm === arm));
    const trial = state.design.trials.find(({ number }) => number === best?.trial);
    if (best === undefined || trial === undefined)
      return { arm, shots, trial: null, loss: null, configuration: null };
    return { arm, shots, trial, loss: best.loss, configuration: withTrial(configuration, trial) };
  });

/** The best of the last round in which any was completed. */
const bestTrial = (runs: readonly RunState[]): RunState | undefined => {
  const completed = runs.filter(({ loss }) => loss !== null);
  const last = Math.max(...completed.map(({ round }) => round ?? 0));
  return completed
    .filter(({ round }) => (round ?? 0) === last)
    .reduce<RunState | undefined>(
      (best, run) => (best === undefined || run.loss! < best.loss! ? run : best),
      undefined,
    );
};
