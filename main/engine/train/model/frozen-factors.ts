import { factorKey, factorShape, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { readFloat32Into } from '../../formats/safetensors-reader.ts';
import type { Tensor } from '../../tensor.ts';
import type { AdapterState } from './trained-model.ts';

/**
 * Factors that are not trained, as they are needed: read from their file into one buffer per shape, so that they are no part of the
 * process's memory (a read from the system's cache costs a thousandth of a step). A tensor is good until the next of its name and shape.
 */
export const frozenFactors = ({
  values,
  files,
}: AdapterState): ((module: string, factor: Factor) => Tensor) => {
  const buffers = new Map<string, Float32Array>();
  const bufferFor = (factor: Factor): Float32Array => {
    const shape = factorShape(factor);
    const key = `${factor.name} ${shape.join('x')}`;
    const buffer = buffers.get(key) ?? new Float32Array(shape.reduce((a, b) => a * b));
    buffers.set(key, buffer);
    return buffer;
  };
  return (module, factor) => {
    const key = factorKey(module, factor);
    const location = files?.get(key);
    const shape = factorShape(factor);
    if (location?.dtype !== 'F32') return { shape, data: values.get(key) as Float32Array };
    return { shape, data: readFloat32Into(location, bufferFor(factor)) };
  };
};
