import type { Store } from '../../../store/store.ts';
import type { ComparisonDataInput } from '../answer/comparison-data.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { costMeasures, measuredCosts } from './measured-costs.ts';
import { measuredCurves } from './measured-curves.ts';
import { measuredMetrics } from './measured-metrics.ts';
import { measuredTuning } from './measured-tuning.ts';

/** Everything that is measured so far, as the answer is made from. */
export const comparisonDataOf = (store: Store, state: ComparisonState): ComparisonDataInput => ({
  arms: state.design.arms.map(({ name, adapter }) => ({ name, method: adapter.method })),
  seeds: state.definition.seeds,
  level: state.definition.level,
  metrics: measuredMetrics(store, state),
  costs: measuredCosts(store, state),
  costMeasures,
  curves: measuredCurves(store, state),
  tuning: measuredTuning(state),
});
