import type { ComparisonPhase } from '../comparison-schema.ts';
import { isOver, type ComparisonState } from './comparison-state.ts';
import { diagnosedSeeds, diagnosedSubjects, isDiagnosed } from '../diagnostics/diagnosed-subjects.ts';
import { shotsOf, stateAt, type Shots } from './at-shots.ts';
import { finalRuns } from './final-runs.ts';
import { tunedArmsAt } from './tuned-arms.ts';
import { roundsOfArm } from './tuning-rounds.ts';

type Counts = Pick<ComparisonPhase, 'done' | 'failed' | 'total'>;

const phase = (
  name: ComparisonPhase['phase'],
  counts: Counts | null,
  isReached: boolean,
): ComparisonPhase => {
  if (counts === null) return { phase: name, status: 'left out', done: 0, failed: 0, total: 0 };
  const isDone = counts.total > 0 && counts.done >= counts.total;
  return { phase: name, status: isDone ? 'done' : isReached ? 'running' : 'waiting', ...counts };
};

/** Whether the runs that are reported on are there: at each number of shots for which an arm could be tuned. */
const isMade = (state: ComparisonState): boolean => {
  const final = finalRuns(state);
  const canBeTrained = (shots: Shots): boolean =>
    tunedArmsAt(stateAt(state, shots), shots).some(({ configuration }) => configuration !== null);
  return (
    final.length > 0 &&
    shotsOf(state.definition)
      .filter(canBeTrained)
      .every((shots) =>
        state.definition.seeds.every((seed) => final.some((run) => run.seed === seed && run.shots === shots)),
      )
  );
};

/** Whether it is known who is scored. */
const isTrainedToEnd = (state: ComparisonState): boolean => isMade(state) && finalRuns(state).every(isOver);

/** How far each part of a comparison is. What is not made yet is counted as it is planned. */
export const phasesOf = (state: ComparisonState): ComparisonPhase[] => {
  const tuning = state.runs.filter(({ role }) => role === 'tuning');
  const final = finalRuns(state);
  const { definition, design, assessments } = state;
  const planned = shotsOf(definition).length * definition.seeds.length * design.arms.length;
  const isTrained = isMade(state);
  const subjects = final.filter(({ status }) => status === 'completed').length;
  return [
    phase(
      'tuning',
      definition.tuning === null
        ? null
        : { ...countsOf(tuning), total: Math.max(tuning.length, plannedTrials(state)) },
      tuning.length > 0,
    ),
    phase('training', { ...countsOf(final), total: isTrained ? final.length : planned }, final.length > 0),
    phase(
      'scoring',
      {
        done: assessments.filter(({ status }) => status === 'completed' || status === 'failed').length,
        failed: assessments.filter(({ status }) => status === 'failed').length,
        total: (1 + (isTrainedToEnd(state) ? subjects : planned)) * definition.tasks.length,
      },
      assessments.length > 0,
    ),
    phase('diagnostics', diagnosisCounts(state), state.diagnosis !== null),
  ];
};

/** All adapters in one go. */
const diagnosisCounts = (state: ComparisonState): Counts | null => {
  const { definition, design, diagnosis } = state;
  const { runs } = diagnosedSubjects(state);
  const isOver = diagnosis?.status === 'completed' || diagnosis?.status === 'failed';
  if (!isDiagnosed(state) || (isTrainedToEnd(state) && runs.length === 0 && !isOver)) return null;
  const planned = design.arms.length * diagnosedSeeds(definition).length;
  const total = isTrainedToEnd(state) ? runs.length : planned;
  return { done: isOver ? total : 0, failed: diagnosis?.status === 'failed' ? total : 0, total };
};

const countsOf = (runs: ComparisonState['runs']): Omit<Counts, 'total'> => ({
  done: runs.filter(isOver).length,
  failed: runs.filter((run) => isOver(run) && run.status !== 'completed').length,
});

/** As many as there will be if none fails. */
const plannedTrials = ({ definition, design }: ComparisonState): number =>
  shotsOf(definition).length *
  design.arms
    .flatMap((arm) => roundsOfArm(definition.tuning!, arm))
    .reduce((sum, { trials }) => sum + trials, 0);
