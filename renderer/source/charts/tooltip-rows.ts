import { nearestValue } from './curve-data.ts';
import type { AlignedCurves } from './curve-data.ts';
import type { Pointer } from './pointer.ts';

interface TooltipValue {
  value: number;
  /** Where it was measured, if that is not under the pointer: an evaluation a few steps away. */
  elsewhere: number | undefined;
}

interface TooltipRow {
  runId: string;
  /** In the order of the metrics; undefined where the run has none. */
  values: (TooltipValue | undefined)[];
}

/** So many can be read while a pointer moves. */
const most = 8;

/** The runs whose curves are nearest to the pointer, from the highest to the lowest. */
export const tooltipRows = (
  { at, columns }: AlignedCurves,
  { index, value, nearest }: Pick<Pointer, 'index' | 'value' | 'nearest'>,
  metrics: number,
): { shown: TooltipRow[]; others: number } => {
  const rows = new Map<string, TooltipRow>();
  for (const { runId, metric, look, values } of columns) {
    if (look === 'raw') continue;
    const found = nearestValue(at, values, index);
    if (found === undefined) continue;
    let row = rows.get(runId);
    if (row === undefined)
      rows.set(runId, (row = { runId, values: Array(metrics).fill(undefined) as undefined[] }));
    row.values[metric] = {
      value: found.value,
      elsewhere: look === 'sparse' && found.at !== at[index] ? found.at : undefined,
    };
  }
  const heightOf = (row: TooltipRow): number => row.values.find((one) => one !== undefined)?.value ?? 0;
  const distance = (row: TooltipRow): number =>
    row.runId === nearest
      ? -1
      : Math.min(...row.values.flatMap((one) => (one ? [Math.abs(one.value - value)] : [])));
  const shown = [...rows.values()]
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, most)
    .toSorted((a, b) => heightOf(b) - heightOf(a));
  return { shown, others: rows.size - shown.length };
};
