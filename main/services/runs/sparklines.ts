import type { Store } from '../../store/store.ts';
import { inTurns } from '../shared/in-turns.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import { bucketValues, stepGrid } from './metric-buckets.ts';
import type { Sparkline } from './run-table-schema.ts';

/** The first of these that a run has a course of. */
const told = ['validation/loss', 'train/loss'] as const;

/** Curves for the rows that somebody looks at; a run without two values has none, nor has one that is removed. */
export const createSparklines =
  (store: Pick<Store, 'metrics' | 'removals'>) =>
  ({ ids, points }: MethodParamsParsed<'runs.sparklines'>): Promise<Sparkline[]> =>
    inTurns(sparklines(store, ids, points));

function* sparklines(
  { metrics, removals }: Pick<Store, 'metrics' | 'removals'>,
  ids: readonly string[],
  points: number,
): Generator<void, Sparkline[]> {
  const found: Sparkline[] = [];
  for (const runId of ids) {
    const one = removals.holdsRun(runId) ? undefined : sparklineOf(metrics, runId, points);
    if (one !== undefined) found.push(one);
    yield;
  }
  return found;
}

const sparklineOf = (
  stored: Pick<Store['metrics'], 'columns' | 'lastStep'>,
  runId: string,
  points: number,
): Sparkline | undefined => {
  for (const metric of told) {
    const end = stored.lastStep(runId, metric);
    if (end === undefined) continue;
    const { steps, values } = stored.columns(runId, metric, 0, end);
    if (values.length < 2) continue;
    const { means } = bucketValues(steps, values, stepGrid(steps[0]!, end, points));
    return {
      runId,
      metric,
      values: means.filter((value) => value !== null),
      first: values[0]!,
      last: values.at(-1)!,
    };
  }
  return undefined;
};
