import type uPlot from 'uplot';
import { nearestValue } from './curve-data.ts';
import type { DrawnColumn } from './curve-data.ts';

/** What is under the pointer. */
export interface Pointer {
  /** On the axis. */
  place: number;
  /** Among the shared places. */
  index: number;
  /** In pixels of the frame. */
  left: number;
  top: number;
  /** The value at the pointer's height. */
  value: number;
  /** The run whose curve is nearest, if one is near. */
  nearest: string | undefined;
}

const near = 24;

export const pointerAt = (chart: uPlot, columns: readonly DrawnColumn[]): Pointer | undefined => {
  const { left = -1, top = -1, idx } = chart.cursor;
  if (left < 0 || top < 0 || idx === null || idx === undefined) return undefined;
  return {
    place: chart.data[0][idx]!,
    index: idx,
    left: left + chart.over.offsetLeft,
    top: top + chart.over.offsetTop,
    value: chart.posToVal(top, 'y'),
    nearest: nearestRun(chart, columns, idx, top),
  };
};

const nearestRun = (
  chart: uPlot,
  columns: readonly DrawnColumn[],
  index: number,
  top: number,
): string | undefined => {
  let best: { runId: string; distance: number } | undefined;
  for (const { runId, look, values } of columns) {
    if (look === 'raw') continue;
    const found = nearestValue(chart.data[0], values, index);
    if (found === undefined) continue;
    const distance = Math.abs(chart.valToPos(found.value, 'y') - top);
    if (distance < (best?.distance ?? near)) best = { runId, distance };
  }
  return best?.runId;
};
