import type { FactorValues } from '../../engine/adapters/layer/layer-adapter.ts';
import { unpackParameters, type ParameterLayout } from '../../engine/optim/parameter-layout.ts';
import type { AdapterState } from '../../engine/train/model/trained-model.ts';

/** All numbers of an adapter: those that are trained as they are now, the others as they started. */
export const trainedValues = (
  layout: ParameterLayout,
  parameters: Float32Array,
  adapter: AdapterState,
): FactorValues => {
  const trained = unpackParameters(layout, parameters);
  return { get: (key) => trained.get(key) ?? adapter.values.get(key) };
};
