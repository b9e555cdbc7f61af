import { portionUnits } from '../../store/portion-sql.ts';
import type { Store } from '../../store/store.ts';
import { partsOfValues, type Parts } from './metric-buckets.ts';

export interface StepRange {
  readonly first: number;
  readonly last: number;
  /** Steps that are told together. */
  readonly unit: number;
}

export interface Curve extends StepRange {
  readonly runId: string;
  readonly metric: string;
}

/** Each part at the first of its steps. */
export interface PlacedParts {
  readonly at: readonly number[];
  readonly parts: Parts;
  readonly unit: number;
}

/** So many values are told as they are. */
export const few = 50;

/** The largest portions of which a bucket has `atLeast`; single steps where it has too few for any. */
export const unitOf = (steps: number, buckets: number, atLeast: number): number =>
  portionUnits.findLast((unit) => unit * atLeast <= steps / buckets) ?? 1;

/** What of a curve is in the range, value by value where there are few. */
export const readParts = (
  stored: Pick<Store['metrics'], 'columns' | 'portions'>,
  { runId, metric, first, last, unit }: Curve,
): PlacedParts => {
  if (unit > 1) {
    const { firsts, ...parts } = stored.portions(runId, metric, unit, first, last);
    const values = parts.counts.reduce((sum, count) => sum + count, 0);
    if (values > few) return { at: firsts, parts, unit };
  }
  const columns = stored.columns(runId, metric, first, last);
  return { at: columns.steps, parts: partsOfValues(columns), unit: 1 };
};
