import type { Configuration } from '../../shared/experiment-definition.ts';
import { isOver, type AssessmentState, type ComparisonState } from './comparison-state.ts';
import { diagnosedSubjects, isDiagnosed, type DiagnosedSubjects } from '../diagnostics/diagnosed-subjects.ts';
import { finalRuns } from './final-runs.ts';
import { shotsOf, stateAt, type Shots } from './at-shots.ts';
import { tunedArmsAt } from './tuned-arms.ts';
import { trialsOfRound, type TrialRun } from './tuning-rounds.ts';

export type NextWork =
  /** Make the runs of a round of tuning, all arms together. */
  | {
      readonly type: 'tune';
      readonly shots: Shots;
      readonly round: number;
      readonly trials: readonly TrialRun[];
    }
  /** Make the runs that are reported on, for each of these seeds. */
  | {
      readonly type: 'train';
      readonly shots: Shots;
      readonly arms: readonly Configuration[];
      readonly seeds: readonly number[];
    }
  /** Note down what is to be scored: each of these subjects (null is the base) on each task. */
  | { readonly type: 'assess'; readonly runIds: readonly (string | null)[] }
  | { readonly type: 'score'; readonly assessments: readonly AssessmentState[] }
  /** Look into these adapters. */
  | { readonly type: 'diagnose'; readonly subjects: DiagnosedSubjects }
  | { readonly type: 'wait'; readonly phase: 'tuning' | 'training' | 'scoring' | 'diagnosing' }
  | { readonly type: 'finish'; readonly status: 'completed' | 'failed'; readonly error: string | null };

/**
 * What is to be done next, from nothing but what is stored: so a comparison goes on after a pause, a crash or a restart as if nothing had been.
 * First every trial of tuning is over, then every run that is reported on, then every score, then diagnostics. What failed is passed over.
 */
export const nextWork = (state: ComparisonState): NextWork =>
  overShots(state, nextOfTuning) ?? overShots(state, nextOfTraining) ?? nextOfScoring(state);

/** What is to be made at any number of shots, before anything is waited for. An end is one where all of them come to it. */
const overShots = (
  state: ComparisonState,
  nextOf: (state: ComparisonState, shots: Shots) => NextWork | null,
): NextWork | null => {
  const all = shotsOf(state.definition).map((shots) => nextOf(stateAt(state, shots), shots));
  const open = all.filter((next) => next !== null && next.type !== 'finish');
  const ends = all.length > 0 && all.every((next) => next?.type === 'finish');
  return open.find((next) => next?.type !== 'wait') ?? open[0] ?? (ends ? all[0]! : null);
};

const nextOfTuning = (state: ComparisonState, shots: Shots): NextWork | null => {
  const { tuning } = state.definition;
  if (tuning === null) return null;
  const runs = state.runs.filter(({ role }) => role === 'tuning');
  for (let round = 0; ; round++) {
    const trials = trialsOfRound({ ...state, arms: state.design.arms }, round);
    if (trials === null) return null;
    const ofRound = runs.filter((run) => run.round === round);
    if (ofRound.length === 0 && trials.length > 0) return { type: 'tune', shots, round, trials };
    if (!ofRound.every(isOver)) return { type: 'wait', phase: 'tuning' };
  }
};

const nextOfTraining = (state: ComparisonState, shots: Shots): NextWork | null => {
  const runs = finalRuns(state);
  const seeds = state.definition.seeds.filter((seed) => !runs.some((run) => run.seed === seed));
  const arms = tunedArmsAt(state, shots).flatMap(({ configuration }) => configuration ?? []);
  if (arms.length === 0)
    return {
      type: 'finish',
      status: 'failed',
      error: 'no arm could be tuned: none of their trials was completed',
    };
  if (seeds.length > 0) return { type: 'train', shots, arms, seeds };
  return runs.every(isOver) ? null : { type: 'wait', phase: 'training' };
};

const nextOfScoring = (state: ComparisonState): NextWork => {
  const completed = finalRuns(state).filter(({ status }) => status === 'completed');
  if (completed.length === 0)
    return { type: 'finish', status: 'failed', error: 'no run was completed: there is nothing to compare' };
  const noted = new Set(state.assessments.map(({ runId }) => runId));
  const missing = [null, ...completed.map(({ runId }) => runId)].filter((runId) => !noted.has(runId));
  if (missing.length > 0) return { type: 'assess', runIds: missing };
  if (state.assessments.some(({ status }) => status === 'running')) return { type: 'wait', phase: 'scoring' };
  const waiting = state.assessments.filter(({ status }) => status === 'waiting');
  if (waiting.length > 0) return { type: 'score', assessments: waiting };
  if (state.assessments.every(({ status }) => status === 'failed'))
    return { type: 'finish', status: 'failed', error: 'nothing could be scored' };
  return nextOfDiagnostics(state) ?? { type: 'finish', status: 'completed', error: null };
};

/** They decide nothing, so they come last, and their failure is none of the comparison. */
const nextOfDiagnostics = (state: ComparisonState): NextWork | null => {
  if (!isDiagnosed(state)) return null;
  const { diagnosis } = state;
  if (diagnosis?.status === 'completed' || diagnosis?.status === 'failed') return null;
  if (diagnosis?.status === 'running') return { type: 'wait', phase: 'diagnosing' };
  const subjects = diagnosedSubjects(state);
  return subjects.runs.length === 0 ? null : { type: 'diagnose', subjects };
};
