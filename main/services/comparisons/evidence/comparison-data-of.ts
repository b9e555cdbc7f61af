import type { Store } from '../../../store/store.ts';
import type { ComparisonDataInput } from '../answer/comparison-data.ts';
import { shotsOf, stateAt, type Shots } from '../orchestration/at-shots.ts';
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
  metrics: overShots(state, (at) => measuredMetrics(store, at)),
  costs: overShots(state, (at) => measuredCosts(store, at)),
  costMeasures,
  curves: overShots(state, (at) => measuredCurves(store, at)),
  tuning: overShots(state, measuredTuning),
});

/** What is measured at each number of shots, which it is told with. */
const overShots = <Measured extends object>(
  state: ComparisonState,
  measure: (at: ComparisonState) => readonly Measured[],
): (Measured & { readonly shots: Shots })[] =>
  shotsOf(state.definition).flatMap((shots) =>
    measure(stateAt(state, shots)).map((measured) => ({ ...measured, shots })),
  );
