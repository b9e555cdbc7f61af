import type { Store } from '../../store/store.ts';
import type { Comparison } from './comparison-schema.ts';
import { diagnosedSubjects, isDiagnosed } from './diagnostics/diagnosed-subjects.ts';
import { keptSentence } from './evidence/kept-answer.ts';
import { isOver, readState, type ComparisonState, type RunState } from './orchestration/comparison-state.ts';
import { phasesOf } from './orchestration/phases.ts';
import { tunedArms } from './orchestration/tuned-arms.ts';

/** By its id. */
export const comparisonWith = (store: Store, version: string, id: string): Comparison =>
  comparisonOf(store, version, readState(store, store.comparisons.find(id)!));

/**
 * A comparison as it is told.
 * @param version the program's own: another one may answer otherwise
 */
export const comparisonOf = (store: Store, version: string, state: ComparisonState): Comparison => {
  const { id, name, definition, design, modelId, datasetId, status, error, runs, tasks } = state;
  const tuned = tunedArms(state);
  return {
    id,
    name,
    definition,
    modelId,
    modelName: store.models.find(modelId)?.name ?? '',
    datasetId,
    datasetName: store.datasets.find(datasetId)?.name ?? '',
    status,
    error,
    phases: phasesOf(state),
    arms:
      definition.shots === null
        ? design.arms.map((arm) => tuned.find((one) => one.arm === arm.name)?.configuration ?? arm)
        : design.arms,
    budgets: design.budgets,
    tuning:
      definition.tuning === null
        ? null
        : {
            trials: design.trials,
            chosen: tuned.map(({ configuration: _, ...chosen }) => chosen),
          },
    runs: runs.map(({ comparisonId: _, ...run }) => run),
    tasks: tasks.flatMap(({ facts }) => facts ?? []),
    assessments: assessmentsOf(store, state),
    diagnostics: isDiagnosed(state)
      ? {
          status: state.diagnosis?.status ?? 'waiting',
          error: state.diagnosis?.error ?? null,
          runIds: diagnosedSubjects(state).runs.map(({ runId }) => runId),
        }
      : null,
    confounds: design.confounds.map((confound) => ({
      ...confound,
      accepted: state.accepted.includes(confound.name),
    })),
    sentence: keptSentence(store, version, state),
    problems: problemsOf(state),
    createdAt: state.createdAt,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
  };
};

const assessmentsOf = (
  store: Store,
  { id, runs, assessments, tasks }: ComparisonState,
): Comparison['assessments'] => {
  const counts = store.assessments.itemCounts(id);
  return assessments.map((one) => {
    const run = runs.find(({ runId }) => runId === one.runId);
    return {
      id: one.id,
      runId: one.runId,
      arm: run?.arm ?? null,
      seed: run?.seed ?? null,
      shots: run?.shots ?? null,
      task: one.task,
      status: one.status,
      error: one.error,
      scores: one.scores,
      items: counts.get(one.id) ?? 0,
      of: tasks.find(({ name }) => name === one.task)?.facts?.items ?? null,
    };
  });
};

const armAt = ({ arm, shots }: Pick<RunState, 'arm' | 'shots'>): string =>
  shots === null ? arm : `${arm}, ${shots === 1 ? '1 shot' : `${shots} shots`}`;

const runText = (run: RunState): string => `${armAt(run)}, seed ${run.seed}`;

/** What went wrong, a line each. */
const problemsOf = ({ runs, assessments, diagnosis }: ComparisonState): string[] => [
  ...runs
    .filter((run) => isOver(run) && run.status !== 'completed')
    .map((run) => {
      const { role, trial, status, error } = run;
      const which = role === 'tuning' ? `${armAt(run)}, tuning, trial ${trial! + 1}` : runText(run);
      return `${which}: ${status}${error === null ? '' : `: ${error}`}`;
    }),
  ...assessments
    .filter(({ status }) => status === 'failed')
    .map(({ runId, task, error }) => {
      const run = runs.find((one) => one.runId === runId);
      const whose = run === undefined ? 'the base model' : runText(run);
      return `${whose} has no scores in ${task}: ${error ?? 'no reason was given'}`;
    }),
  ...(diagnosis?.status === 'failed' ? [`no diagnostics: ${diagnosis.error ?? 'no reason was given'}`] : []),
];
