import type { Metric } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';
import type { Series } from './series.ts';

type SeriesByName = Map<string, Map<number, number>>;

export interface RunMetrics {
  /** Fetches what a run has recorded so far, in place of what was known. */
  load(runId: string): Promise<void>;
  add(runId: string, metrics: readonly Metric[]): void;
  /** Empty where nothing is known. Reactive: reading it depends on every later `add`. */
  series(runId: string, name: string): Series;
  latest(runId: string, name: string): number | undefined;
}

const none: Series = new Map();

/** Metrics of the runs that are on screen: fetched once, then kept up by events. */
export const createRunMetrics = (client: Client): RunMetrics => {
  const runs = new Map<string, SeriesByName>();
  const arrivedWhileLoading = new Map<string, Metric[]>();
  let version = $state(0);

  const put = (seriesByName: SeriesByName, metrics: readonly Metric[]): void => {
    for (const { name, step, value } of metrics) {
      let series = seriesByName.get(name);
      if (series === undefined) seriesByName.set(name, (series = new Map()));
      series.set(step, value);
    }
  };

  return {
    async load(runId) {
      const arrived: Metric[] = [];
      arrivedWhileLoading.set(runId, arrived);
      const metrics = await client.call('runs.metrics', { id: runId });
      if (arrivedWhileLoading.get(runId) !== arrived) return;
      arrivedWhileLoading.delete(runId);
      const seriesByName: SeriesByName = new Map();
      put(seriesByName, metrics);
      put(seriesByName, arrived);
      runs.set(runId, seriesByName);
      version++;
    },
    add(runId, metrics) {
      arrivedWhileLoading.get(runId)?.push(...metrics);
      const seriesByName = runs.get(runId);
      if (seriesByName === undefined) return;
      put(seriesByName, metrics);
      version++;
    },
    series(runId, name) {
      void version;
      return runs.get(runId)?.get(name) ?? none;
    },
    latest(runId, name) {
      const series = this.series(runId, name);
      let last: [number, number] | undefined;
      for (const point of series) if (last === undefined || point[0] > last[0]) last = point;
      return last?.[1];
    },
  };
};
