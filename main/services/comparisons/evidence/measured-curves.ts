import { metricRegistry } from '../../../engine/metrics/registry.ts';
import type { Store } from '../../../store/store.ts';
import type { ComparisonDataInput } from '../answer/comparison-data.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { finalRuns } from '../orchestration/final-runs.ts';

const drawn = ['train/loss', 'validation/loss', 'train/gradient_norm'];

/** How the runs went over their steps. */
export const measuredCurves = (
  store: Store,
  state: ComparisonState,
): NonNullable<ComparisonDataInput['curves']> =>
  metricRegistry
    .filter(({ name }) => drawn.includes(name))
    .map(({ name, label, unit }) => ({
      metric: name,
      label,
      unit,
      runs: finalRuns(state).map(({ runId, arm, seed }) => ({
        arm,
        seed,
        runId,
        points: store.metrics.list(runId, name).map(({ step, value }) => ({ step, value })),
      })),
    }))
    .filter(({ runs }) => runs.some(({ points }) => points.length > 1));
