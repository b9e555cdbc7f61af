import type { ComparisonPhase } from '../comparison-schema.ts';
import { isOver, type ComparisonState } from './comparison-state.ts';
import { finalRuns } from './next-work.ts';
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

/** How far each part of a comparison is. What is not made yet is counted as it is planned. */
export const phasesOf = (state: ComparisonState): ComparisonPhase[] => {
  const tuning = state.runs.filter(({ role }) => role === 'tuning');
  const final = finalRuns(state);
  const { definition, design, assessments } = state;
  const planned = definition.seeds.length * design.arms.length;
  const isTrained = definition.seeds.every((seed) => final.some((run) => run.seed === seed));
  const subjects = final.filter(({ status }) => status === 'completed').length;
  const isScored = isTrained && final.every(isOver);
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
        total: (1 + (isScored ? subjects : planned)) * definition.tasks.length,
      },
      assessments.length > 0,
    ),
  ];
};

const countsOf = (runs: ComparisonState['runs']): Omit<Counts, 'total'> => ({
  done: runs.filter(isOver).length,
  failed: runs.filter((run) => isOver(run) && run.status !== 'completed').length,
});

/** As many as there will be if none fails. */
const plannedTrials = ({ definition, design }: ComparisonState): number =>
  design.arms
    .flatMap((arm) => roundsOfArm(definition.tuning!, arm))
    .reduce((sum, { trials }) => sum + trials, 0);
