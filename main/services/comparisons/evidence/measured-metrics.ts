import { classesOf, confusionOf } from '../../../engine/scoring/confusion.ts';
import { scoreRegistry, type ScoreEntry, type ScoreName } from '../../../engine/scoring/scores.ts';
import type { ItemResultRecord } from '../../../store/repositories/assessments.ts';
import type { Store } from '../../../store/store.ts';
import type { ComparisonDataInput, Confusions } from '../answer/comparison-data.ts';
import {
  isOver,
  type AssessmentState,
  type ComparisonState,
  type RunState,
} from '../orchestration/comparison-state.ts';
import { finalRuns } from '../orchestration/final-runs.ts';

type MetricInput = ComparisonDataInput['metrics'][number];
type RunInput = MetricInput['runs'][number];

/** A subject's items of one task, read once for all scores. */
interface Scored {
  readonly assessment: AssessmentState | undefined;
  readonly results: readonly ItemResultRecord[];
}

/** Every score of every task: of the base, and of each arm from each seed, with why there is none where there is none. */
export const measuredMetrics = (store: Store, state: ComparisonState): MetricInput[] =>
  state.definition.tasks.flatMap(({ name }) => metricsOfTask(store, state, name));

const metricsOfTask = (store: Store, state: ComparisonState, task: string): MetricInput[] => {
  const ofTask = state.assessments.filter((one) => one.task === task);
  const read = (runId: string | null): Scored => {
    const assessment = ofTask.find((one) => one.runId === runId);
    const isDone = assessment?.status === 'completed';
    return { assessment, results: isDone ? store.assessments.results(assessment.id) : [] };
  };
  const base = read(null);
  const scored = new Map(finalRuns(state).map((run) => [run.runId, read(run.runId)]));
  const all = [base, ...scored.values()];
  const reference = all.find(({ results }) => results.length > 0)?.results ?? [];
  const isReported = ({ name }: ScoreEntry): boolean =>
    all.some(({ assessment }) => assessment?.scores[name] !== undefined);
  const names = scoreRegistry.filter(isReported);
  const areOfClasses = names.some(({ name }) => name === 'f1');
  return names.map((entry): MetricInput => {
    // Some items have no such score: a draw is in one quarter of the schedule.
    const items = reference.filter(({ values }) => entry.name in values);
    const itemIds = items.map(({ item }) => item);
    const runs = state.definition.seeds.flatMap((seed) =>
      state.design.arms.map(({ name: arm }) => runInput(state, { arm, seed }, scored, entry, itemIds)),
    );
    return {
      task,
      metric: entry.name,
      label: (areOfClasses ? entry.ofClasses : undefined) ?? entry.label,
      unit: entry.unit,
      better: entry.better,
      paired: runs.every(({ itemIds: other = null }) => other === null),
      chance: entry.guessed ? (chanceOf(state, task) ?? null) : null,
      margin: state.definition.margins[`${task}/${entry.name}`] ?? null,
      itemIds: entry.mean ? itemIds : [],
      weights: entry.mean ? items.map(({ weight }) => weight) : [],
      base: entry.mean ? valuesAt(base.results, entry.name, itemIds) : null,
      baseScore: base.assessment?.scores[entry.name] ?? null,
      runs,
      caveats: entry.ofItems === undefined ? [] : [entry.ofItems, ...noticesOf(state, task)],
      confusions: entry.name === 'f1' ? confusionsOf(state, base, scored) : null,
    };
  });
};

/** The base first, then each arm with all its seeds. */
const confusionsOf = (
  state: ComparisonState,
  base: Scored,
  scored: ReadonlyMap<string, Scored>,
): Confusions => {
  const ofArm = (arm: string): Scored[] =>
    finalRuns(state).flatMap((run) => (run.arm === arm ? (scored.get(run.runId) ?? []) : []));
  const subjects = [
    { arm: null, parts: [base] },
    ...state.design.arms.map(({ name }) => ({ arm: name, parts: ofArm(name) })),
  ].map(({ arm, parts }) => ({
    arm,
    runs: parts.filter(({ results }) => results.length > 0).length,
    results: parts.flatMap(({ results }) => results),
  }));
  const classes = classesOf(subjects.flatMap(({ results }) => results));
  return {
    classes,
    subjects: subjects.flatMap(({ arm, runs, results }) =>
      runs === 0 ? [] : [{ arm, runs, counts: confusionOf(results, classes).counts.map((row) => [...row]) }],
    ),
  };
};

/** What was read of a task: which pictures it is of, and who was not there to measure them. */
const noticesOf = ({ tasks }: ComparisonState, task: string): readonly string[] =>
  tasks.find(({ name }) => name === task)?.facts?.notices ?? [];

const chanceOf = ({ tasks }: ComparisonState, task: string): number | null | undefined =>
  tasks.find(({ name }) => name === task)?.facts?.chance;

const runInput = (
  state: ComparisonState,
  { arm, seed }: Pick<RunState, 'arm' | 'seed'>,
  scored: ReadonlyMap<string, Scored>,
  { name, mean }: ScoreEntry & { readonly name: ScoreName },
  itemIds: readonly number[],
): RunInput => {
  const run = finalRuns(state).find((one) => one.arm === arm && one.seed === seed);
  const { assessment, results = [] } = scored.get(run?.runId ?? '') ?? {};
  const known = { arm, seed, runId: run?.runId ?? '' };
  const problem = problemOf(state, run, assessment);
  if (problem !== null) return { ...known, items: null, problem };
  const score = assessment?.scores[name];
  if (!mean) return { ...known, score: score ?? Number.NaN, items: null, problem: null };
  const own = results.filter(({ values }) => name in values).map(({ item }) => item);
  const isSame = own.length === itemIds.length && own.every((item, index) => item === itemIds[index]);
  return {
    ...known,
    items: valuesAt(results, name, isSame ? itemIds : own),
    itemIds: isSame ? null : own,
    problem: null,
  };
};

/** Why a run has no score in a task; null where it has. */
const problemOf = (
  { status: whole }: ComparisonState,
  run: RunState | undefined,
  assessment: AssessmentState | undefined,
): string | null => {
  if (run === undefined)
    return whole === 'completed' || whole === 'failed'
      ? 'not trained: none of its trials was completed'
      : 'not trained yet';
  const why = (error: string | null): string => (error === null ? '' : `: ${error}`);
  if (run.status !== 'completed')
    return isOver(run) ? `${run.status}${why(run.error)}` : `not trained yet (${run.status})`;
  if (assessment?.status === 'completed') return null;
  return assessment?.status === 'failed' ? `not scored${why(assessment.error)}` : 'not scored yet';
};

/** What is no finite number, or is not there, is NaN. Null where there is nothing at all. */
const valuesAt = (
  results: readonly ItemResultRecord[],
  name: ScoreName,
  items: readonly number[],
): number[] | null => {
  if (results.length === 0) return null;
  const values = new Map(results.map(({ item, values: scores }) => [item, scores[name] ?? Number.NaN]));
  return items.map((item) => values.get(item) ?? Number.NaN);
};
