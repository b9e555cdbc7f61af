import { WorkbenchError } from '../../errors.ts';
import { readLocationFloat32 } from '../../formats/safetensors-reader.ts';
import { weightName, type LinearLayer } from '../architecture.ts';
import type { Model } from '../model.ts';

type Weights = Pick<Model, 'tensors' | 'folder'>;

/** One weight as float32 in the shape that the file has it in. `name` is the architecture's, whatever the file calls it. */
export const readModelWeight = ({ tensors, folder }: Weights, name: string): Float32Array => {
  const location = tensors.get(name);
  if (!location)
    throw new WorkbenchError('not-found', `${folder.directory}: the model has no weight ${name}`);
  return readLocationFloat32(location, name);
};

/** A layer's weight as (outFeatures x inFeatures), however the file has it. */
export const readLayerWeight = (model: Weights, layer: LinearLayer): Float32Array => {
  const stored = readModelWeight(model, weightName(layer));
  return layer.stored === 'in-out' ? transposed(stored, layer.inFeatures, layer.outFeatures) : stored;
};

/** An (outFeatures x inFeatures) weight as the file has it. */
export const storedLayerWeight = (layer: LinearLayer, weight: Float32Array): Float32Array =>
  layer.stored === 'in-out' ? transposed(weight, layer.outFeatures, layer.inFeatures) : weight;

const transposed = (data: Float32Array, rows: number, columns: number): Float32Array => {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column] as number;
  return turned;
};
