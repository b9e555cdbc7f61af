import { SvelteMap } from 'svelte/reactivity';

export interface MetricNews {
  /** A run has recorded something, or dropped what it had. */
  tell(runId: string): void;
  /** Goes up with each piece of news. Reactive. */
  of(runId: string): number;
}

/** Which runs have more to show than what was asked for last: whoever shows curves asks for them again. */
export const createMetricNews = (): MetricNews => {
  const counts = new SvelteMap<string, number>();
  return {
    tell: (runId) => void counts.set(runId, (counts.get(runId) ?? 0) + 1),
    of: (runId) => counts.get(runId) ?? 0,
  };
};
