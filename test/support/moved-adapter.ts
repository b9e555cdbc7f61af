import {
  describeAdapter,
  type AdapterSettings,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { calibrate } from '../../main/engine/init/calibration.ts';
import { initialiseAdapter } from '../../main/engine/init/initialise-adapter.ts';
import { calibrationOf } from '../../main/engine/init/outer-parts.ts';
import type { LinearLayer } from '../../main/engine/models/architecture.ts';
import type { Model } from '../../main/engine/models/model.ts';
import { unpackParameters } from '../../main/engine/optim/parameter-layout.ts';
import { createRandom } from '../../main/engine/random.ts';
import {
  initialParameters,
  trainedLayout,
  type AdapterState,
} from '../../main/engine/train/model/trained-model.ts';
import type { Batch } from '../../main/engine/data/batches/batch.ts';

/** A model with an adapter, nothing else trained. */
export interface AdaptedModel {
  readonly model: Model;
  readonly adapter: AdapterState;
  readonly trainedWeights: readonly string[];
}

/** An adapter before its first step, calibrated on all of the batches. The layers are those that its settings name where absent. */
export const startedAdapter = async (
  model: Model,
  batches: readonly Batch[],
  settings: AdapterSettings,
  layers: readonly LinearLayer[] = selectTargets(model.targetLayers, settings),
): Promise<AdaptedModel> => {
  const description = describeAdapter(settings);
  const { statistics, firstTokenCounts, tokens } = calibrationOf(description);
  const positions = Math.max(...batches.map(({ sequence }) => sequence));
  const values = await initialiseAdapter({
    model,
    description,
    layers,
    seed: 3,
    calibrate: (group) =>
      calibrate({
        ...{ model, layers: group, batches, positions, threads: 1 },
        ...{ statistics, firstTokenCounts, tokens },
      }),
  });
  return { model, adapter: { description, layers, values }, trainedWeights: [] };
};

/** The same after a change to every trained number, and these numbers in the order of the layout. */
export const movedAdapter = (
  start: AdaptedModel,
): { readonly moved: AdaptedModel; readonly parameters: Float32Array } => {
  const layout = trainedLayout(start);
  const random = createRandom(4);
  const parameters = initialParameters(start, layout).map((value) => value + 0.02 * random.normal());
  const changed = unpackParameters(layout, parameters);
  const values = { get: (key: string) => changed.get(key) ?? start.adapter.values.get(key) };
  return { moved: { ...start, adapter: { ...start.adapter, values } }, parameters };
};
