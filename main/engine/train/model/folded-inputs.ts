import { factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { sideOf } from '../../adapters/layer/fold.ts';
import type { AnyMatrix } from '../../linear-algebra/matrix.ts';
import { readModelWeight } from '../../models/weights/model-weights.ts';
import type { Tensor } from '../../tensor.ts';
import { scalarTensor } from '../batch/tensors.ts';
import { scalingsOf, sideNames, type BaseInputs } from './base-inputs.ts';
import type { TrainedModel } from './trained-model.ts';

const tensorOf = ({ rows, columns, data }: AnyMatrix): Tensor => ({
  shape: [rows, columns],
  data: Float32Array.from(data),
});

/**
 * What the base's graphs take of an adapter that is not trained any further (`baseInputs` and the scalings): its sides multiplied out in
 * fp64, once. A trainer's arm gives the same from step to step.
 */
export const foldedInputs = ({ model, adapter, trainedWeights }: TrainedModel): BaseInputs => {
  const inputs: Record<string, Tensor> = {};
  for (const name of trainedWeights)
    inputs[name] = {
      shape: model.weightShapes.get(name) as readonly number[],
      data: adapter?.values.get(name) ?? readModelWeight(model, name),
    };
  if (adapter === null) return inputs;
  for (const layer of adapter.layers) {
    const { left, right, residual, magnitude } = layerAdapter(adapter.description, layer);
    const { module, outFeatures } = layer;
    const names = sideNames(module);
    const side = (factors: typeof left): Tensor => tensorOf(sideOf(factors, module, adapter.values));
    const vector = (factor: Factor): Tensor => ({
      shape: [outFeatures],
      data: adapter.values.get(factorKey(module, factor)) as Float32Array,
    });
    inputs[names.left] = side(left);
    inputs[names.right] = side(right);
    if (residual) {
      inputs[names.residualLeft] = side([[residual.left]]);
      inputs[names.residualRight] = side([[residual.right]]);
    }
    if (magnitude) {
      inputs[names.lengths] = vector(magnitude.lengths);
      inputs[names.squaredNorms] = vector(magnitude.squaredNorms);
    }
  }
  for (const { name, value } of scalingsOf(adapter).values) inputs[name] = scalarTensor(value);
  return inputs;
};
