import type { Store } from '../../store/store.ts';
import { plannedSpecification } from '../runs/run-specification.ts';
import type { Configuration } from '../shared/experiment-definition.ts';
import type { ComparisonDefinition } from './definition.ts';
import type { PlannedRuns } from './design/find-overlap.ts';

/** The runs that are reported on as they will be started, as far as that is known before tuning. */
export const plannedRuns = (
  store: Store,
  dataDirectory: string,
  definition: ComparisonDefinition,
  arms: readonly Configuration[],
): PlannedRuns =>
  definition.seeds.flatMap((seed) =>
    arms.map((configuration) => ({
      arm: configuration.name,
      specification: plannedSpecification(store, dataDirectory, {
        runId: 'planned',
        modelId: definition.model,
        datasetId: definition.dataset,
        definition: { ...definition, seed, heldOut: { seed: definition.heldOutSeed } },
        configuration,
        resumeFrom: null,
      }),
    })),
  );
