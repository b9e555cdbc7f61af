import { WorkbenchError } from '../errors.ts';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../formats/float-conversion.ts';
import { openPeftFolder, peftPrefix } from './folder.ts';
import { readTensorFloat32 } from '../formats/safetensors-reader.ts';
import { weightName } from '../models/architecture.ts';
import { readModelWeight } from '../models/weights/model-weights.ts';
import type { Model } from '../models/model.ts';

const ending = '.base_layer.weight';

/** A model's numbers as a file of that dtype would hold them. */
const asStored: Readonly<Record<string, (values: Float32Array) => Float32Array>> = {
  BF16: (values) => bfloat16ToFloat32(float32ToBfloat16(values)),
  F16: (values) => float16ToFloat32(float32ToFloat16(values)),
};

/**
 * PEFT saves the base's weight beside the LoRA of an embedding or a head, and loads it in the model's place. Where it is the model's own,
 * that changes nothing; otherwise the adapter was trained on another base.
 * @throws unsupported naming the tensor
 */
export const checkBaseCopies = (directory: string, model: Model): void => {
  const { header } = openPeftFolder(directory);
  for (const layer of model.targetLayers) {
    const key = `${peftPrefix}${layer.module}${ending}`;
    const copy = header.tensors.get(key);
    if (!copy) continue;
    const own = readModelWeight(model, weightName(layer));
    const expected = asStored[copy.dtype]?.(own) ?? own;
    const found = readTensorFloat32(header, key);
    if (found.length === expected.length && found.every((value, at) => value === expected[at])) continue;
    throw new WorkbenchError(
      'unsupported',
      `${header.path}: ${key} is the base's weight, and differs from the model's: the adapter was trained on another base`,
    );
  }
};
