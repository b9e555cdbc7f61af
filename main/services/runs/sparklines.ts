import type { Store } from '../../store/store.ts';
import { inTurns } from '../shared/in-turns.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import { bucketParts, stepGrid } from './metric-buckets.ts';
import { readParts, unitOf } from './metric-parts.ts';
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
  stored: Pick<Store['metrics'], 'columns' | 'portions' | 'lastStep' | 'lastUpTo'>,
  runId: string,
  points: number,
): Sparkline | undefined => {
  for (const metric of told) {
    const end = stored.lastStep(runId, metric);
    if (end === undefined) continue;
    const unit = unitOf(end + 1, points, 2);
    const { at, parts } = readParts(stored, { runId, metric, first: 0, last: end, unit });
    const last = stored.lastUpTo(runId, metric, end);
    const [first] = stored.columns(runId, metric, at[0]!, at[0]! + unit - 1).values;
    if (first === undefined || last === undefined || parts.counts.length < 2) continue;
    const { means } = bucketParts(at, parts, stepGrid(at[0]!, end, points, unit));
    return { runId, metric, values: means.filter((value) => value !== null), first, last: last.value };
  }
  return undefined;
};
