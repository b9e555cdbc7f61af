import type { SeriesAxis } from '../../../main/api/contract.ts';
import { createKeptValue } from '../state/kept-value.ts';

/** What of a page's charts outlives it. */
export interface KeptChartSettings {
  readonly axis?: SeriesAxis;
  /** Hundredths of the longest run. */
  readonly smoothing?: number;
  /** Name of the group of metrics that was chosen. */
  readonly group?: string;
}

const axes: readonly unknown[] = ['step', 'seconds'] satisfies SeriesAxis[];
/** As far as the slider goes. */
const mostSmoothing = 20;

/** What another version of the program may have left, as far as it means something here. */
export const understoodSettings = (stored: unknown): KeptChartSettings => {
  if (typeof stored !== 'object' || stored === null) return {};
  const { axis, smoothing, group } = stored as Record<string, unknown>;
  const isSmoothing = typeof smoothing === 'number' && smoothing >= 0 && smoothing <= mostSmoothing;
  return {
    ...(axes.includes(axis) && { axis: axis as SeriesAxis }),
    ...(isSmoothing && { smoothing }),
    ...(typeof group === 'string' && { group }),
  };
};

/** Kept for all pages of a kind: how one looks at runs is a habit, not a property of the runs. */
export const chartSettingsOf = (page: string) => {
  const kept = createKeptValue(`charts: ${page}`);
  return {
    read: (): KeptChartSettings => understoodSettings(kept.read()),
    keep: (settings: KeptChartSettings): void => kept.keep(settings),
  };
};
