import { overriddenTraining } from '../../../engine/train/settings/training-overrides.ts';
import type { Configuration } from '../../shared/experiment-definition.ts';
import type { Tuning } from '../definition.ts';
import { shortened, survivors, sweepRounds, type SweepRound } from '../design/sweep-rounds.ts';
import type { Trial } from '../design/sweep-schema.ts';
import { trialsOfArm, withTrial } from '../design/sweep-trials.ts';
import type { ComparisonState } from './comparison-state.ts';

/** One run of tuning that is to be made. */
export interface TrialRun {
  readonly arm: string;
  readonly trial: Trial;
  /** The arm as the trial has it, and as long as the round has it. */
  readonly configuration: Configuration;
}

/** What the runs of a round follow from. */
type TuningState = Pick<ComparisonState, 'definition' | 'runs'> & { readonly arms: readonly Configuration[] };

/** The rounds of each arm's search. */
export const roundsOfArm = ({ sweep }: Tuning, arm: Configuration): SweepRound[] =>
  sweepRounds(sweep, trialsOfArm(sweep, arm).length);

/** The runs of a round, arm by arm; null after the last. */
export const trialsOfRound = (state: TuningState, round: number): TrialRun[] | null => {
  const { arms, definition } = state;
  const { tuning } = definition;
  if (tuning === null) return null;
  if (arms.every((arm) => roundsOfArm(tuning, arm)[round] === undefined)) return null;
  return arms.flatMap((arm) => {
    const rounds = roundsOfArm(tuning, arm);
    const { share = 1 } = rounds[round] ?? {};
    const left = new Set(trialsLeft(state, arm, rounds.slice(0, round + 1)));
    return trialsOfArm(tuning.sweep, arm)
      .filter(({ number }) => left.has(number))
      .map((trial) => ({
        arm: arm.name,
        trial,
        configuration: trialConfiguration(state, arm, trial, share),
      }));
  });
};

/** Numbers of an arm's trials in the last of these rounds: all in the first, then the better ones of the round before. */
const trialsLeft = (
  { definition, runs }: TuningState,
  arm: Configuration,
  rounds: readonly SweepRound[],
): number[] => {
  const all = trialsOfArm(definition.tuning!.sweep, arm).map(({ number }) => number);
  const own = runs.filter((run) => run.role === 'tuning' && run.arm === arm.name);
  return rounds.slice(1).reduce((left, { round, trials }) => {
    const before = own.filter((run) => run.round === round - 1 && left.includes(run.trial!));
    return survivors(
      before.map(({ trial, loss }) => ({ trial: trial!, loss })),
      trials,
    );
  }, all);
};

const mostOfName = 200;

const trialConfiguration = (
  { definition }: TuningState,
  arm: Configuration,
  trial: Trial,
  share: number,
): Configuration => {
  const tried = withTrial(arm, trial);
  const length = shortened(overriddenTraining(definition.training, tried.training), share);
  return {
    ...tried,
    name: `${arm.name}, trial ${trial.number + 1}: ${trial.label}`.slice(0, mostOfName),
    ...((tried.training !== undefined || share !== 1) && { training: { ...tried.training, ...length } }),
  };
};
