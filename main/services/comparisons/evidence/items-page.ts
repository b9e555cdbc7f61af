import { invalidInput, WorkbenchError } from '../../../engine/errors.ts';
import { instead } from '../../../engine/suggestions.ts';
import type { ItemResultRecord } from '../../../store/repositories/assessments.ts';
import type { Store } from '../../../store/store.ts';
import type { MethodParamsParsed } from '../../shared/methods.ts';
import type { ConfusionCell, ItemsPage } from '../comparison-schema.ts';
import { shotsOf } from '../orchestration/at-shots.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { finalRuns } from '../orchestration/final-runs.ts';

type Subject = ItemsPage['items'][number]['subjects'][number];

interface ScoredSubject extends Pick<Subject, 'arm' | 'seed' | 'shots'> {
  readonly results: ReadonlyMap<number, ItemResultRecord>;
}

/**
 * What the base and every arm made of a task's items, in pages.
 * @throws WorkbenchError for a task that there is not, and where items are to differ that have no answers
 */
export const itemsPage = (
  store: Store,
  state: ComparisonState,
  { task, onlyDiffering, cell, offset, limit }: Omit<MethodParamsParsed<'comparisons.items'>, 'id'>,
): ItemsPage => {
  const { name, definition } = state;
  const known = definition.tasks.map((one) => one.name);
  if (!known.includes(task))
    throw new WorkbenchError(
      'not-found',
      `the comparison "${name}" has no task "${task}"; it has ${known.join(', ')}`,
    );
  const subjects = subjectsOf(store, state, task);
  const items = store.assessments.items(state.id, task);
  if (onlyDiffering && items.length > 0 && !hasAnswers(subjects))
    throw invalidInput(
      `onlyDiffering: the items of "${task}" have losses, which always differ, and no answers`,
    );
  if (cell !== null && items.length > 0) refuseUnknown(cell, items, subjects);
  const shown = items
    .filter(({ item }) => !onlyDiffering || differs(subjects, item))
    .filter((item) => cell === null || standsIn(subjects, item, cell));
  return {
    task,
    total: shown.length,
    offset,
    items: shown.slice(offset, offset + limit).map((one) => ({
      ...one,
      subjects: subjects.flatMap(({ arm, seed, shots, results }) => {
        const result = results.get(one.item);
        if (result === undefined) return [];
        const { answer, values, detail } = result;
        return [{ arm, seed, shots, answer, values, detail: detail as Subject['detail'] }];
      }),
    })),
  };
};

/** The base first, then by number of shots the arms from each seed. */
const subjectsOf = (store: Store, state: ComparisonState, task: string): ScoredSubject[] => {
  const runs = finalRuns(state);
  const ordered = shotsOf(state.definition).flatMap((shots) =>
    state.design.arms.flatMap(({ name }) =>
      state.definition.seeds.flatMap(
        (seed) => runs.find((run) => run.arm === name && run.seed === seed && run.shots === shots) ?? [],
      ),
    ),
  );
  return [null, ...ordered].flatMap((run) => {
    const runId = run?.runId ?? null;
    const assessment = state.assessments.find((one) => one.task === task && one.runId === runId);
    if (assessment === undefined) return [];
    const results = store.assessments.results(assessment.id).map((result) => [result.item, result] as const);
    const { arm = null, seed = null, shots = null } = run ?? {};
    return [{ arm, seed, shots, results: new Map(results) }];
  });
};

const hasAnswers = (subjects: readonly ScoredSubject[]): boolean =>
  subjects.some(({ results }) =>
    results.values().some(({ answer, values }) => answer !== null || values['accuracy'] !== undefined),
  );

/** @throws WorkbenchError for a class that no item is of, and for an arm, or a number of shots, that was not scored */
const refuseUnknown = (
  { expected, answer, arm, shots }: ConfusionCell,
  items: readonly { readonly expected: string | null }[],
  subjects: readonly ScoredSubject[],
): void => {
  const given = subjects.flatMap(({ results }) => [...results.values()].map((result) => result.answer));
  const classes = [...new Set([...items.map((item) => item.expected), ...given])].filter(
    (one) => one !== null,
  );
  const unknown = [expected, answer].find((one) => one !== null && !classes.includes(one));
  if (unknown !== undefined)
    throw new WorkbenchError('not-found', `cell: no item is of "${unknown}"${instead(unknown, classes)}`);
  if (subjects.some((one) => one.arm === arm && one.shots === shots)) return;
  const who = arm === null ? 'the base model' : `"${arm}"`;
  const at = shots === null ? '' : ` at ${shots} shots`;
  throw new WorkbenchError('not-found', `cell: ${who}${at} was not scored here`);
};

/** Whether an item is of the cell's right class, and its subject gave the cell's answer. */
const standsIn = (
  subjects: readonly ScoredSubject[],
  { item, expected }: { readonly item: number; readonly expected: string | null },
  cell: ConfusionCell,
): boolean =>
  expected === cell.expected &&
  subjects.some(
    ({ arm, shots, results }) =>
      arm === cell.arm && shots === cell.shots && results.get(item)?.answer === cell.answer,
  );

/** Whether two arms, from the same seed, gave different answers, or one is right where the other is not. */
const differs = (subjects: readonly ScoredSubject[], item: number): boolean => {
  const bySeed = Map.groupBy(
    subjects.filter(({ arm }) => arm !== null),
    ({ seed, shots }) => `${seed} ${shots}`,
  );
  return bySeed.values().some((arms) => {
    const given = arms.flatMap(({ results }) => results.get(item) ?? []);
    const kinds = new Set(given.map(({ answer, values }) => JSON.stringify([answer, values['accuracy']])));
    return kinds.size > 1;
  });
};
