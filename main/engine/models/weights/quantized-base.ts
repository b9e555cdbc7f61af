import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { makeUnlessWhole } from '../../formats/checked-file.ts';
import { sha256OfFileSync } from '../../formats/file-hash.ts';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../formats/float-conversion.ts';
import { readSafetensorsHeader } from '../../formats/safetensors-header.ts';
import { readChunks, readLocationFloat32 } from '../../formats/safetensors-reader.ts';
import { writeSafetensors, type TensorToWrite } from '../../formats/safetensors-writer.ts';
import { bytesPerElement, elementCount } from '../../formats/tensor-dtype.ts';
import { readLayerWeight, readModelWeight } from './model-weights.ts';
import { blockTensors, twoWayTensors } from './quantized-tensors.ts';
import { weightName } from '../architecture.ts';
import type { Model } from '../model.ts';
import { invalidInput } from '../../errors.ts';
import { devices } from '../../runtime/devices.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { blockSize, type BaseFormat } from '../../base/base-format.ts';
import { squaredError, type SquaredError } from '../../base/quantize.ts';
import { makeFolder } from '../../formats/make-folder.ts';
import { privateTemporaryFolder } from '../../formats/private-folder.ts';

/** Raised when the same weights would be held differently, or are found by another key. */
const version = 4;

/** @throws WorkbenchError where the device has no products, or no casts, for the format */
export const checkBaseFormat = (format: BaseFormat, device: DeviceName): void => {
  if (device === 'cpu' || format === 'fp32' || format === 'fp16') return;
  throw invalidInput(
    `training.baseFormat: ${format} runs on the CPU only; choose fp32 or fp16 for ${devices[device].label}`,
  );
};

export interface BaseFormatOptions {
  readonly cacheFolder?: string;
  readonly device?: DeviceName;
  /** SHA-256 of weight files whose contents are known, by their paths without links: they need not be read for it. */
  readonly hashes?: ReadonlyMap<string, string>;
}

/** The model with its frozen weights held in `format`. What is made for it goes into `cacheFolder`, to be found again. */
export const withBaseFormat = (
  model: Model,
  format: BaseFormat,
  { device = 'cpu', ...place }: BaseFormatOptions = {},
): Model => {
  if (isHeldAs(model, format, device)) return model;
  return heldInFile(model, { format, kind: format, tensors: quantizedTensors }, place);
};

interface FileOfWeights {
  readonly format: BaseFormat;
  /** Tells files of one model apart. */
  readonly kind: string;
  readonly tensors: (model: Model, format: BaseFormat) => TensorToWrite[];
}

/** The model with its weights in a file that is made once, among them its error (`errorTensor`). */
export const heldInFile = (
  model: Model,
  { format, kind, tensors: tensorsOf }: FileOfWeights,
  { cacheFolder = temporaryCache(), hashes = new Map() }: Omit<BaseFormatOptions, 'device'> = {},
): Model => {
  const file = join(cacheFolder, `base-${identityOf(model, kind, hashes)}.safetensors`);
  const { wasDamaged } = makeUnlessWhole(file, () => {
    makeFolder(cacheFolder);
    writeSafetensors(file, tensorsOf(model, format), { nora_base_format: kind });
  });
  const header = readSafetensorsHeader(file);
  const path = realpathSync(file);
  const tensors = new Map(
    [...header.tensors].map(([name, { dtype, shape, offset, length }]) => [
      name,
      { file: path, dtype, shape, offset, length },
    ]),
  );
  const [relativeError] = readLocationFloat32(tensors.get(errorName)!, errorName);
  return { ...model, base: { format, tensors, relativeError: relativeError as number, wasDamaged } };
};

/**
 * The model with the shapes of what `withBaseFormat` would make for the CPU, and no file behind them: for graphs that are looked at, never run.
 * Reads no weights.
 */
export const describeBaseFormat = (model: Model, format: BaseFormat): Model => {
  if (isHeldAs(model, format, 'cpu')) return model;
  let end = 0;
  const tensors = new Map(
    quantizedTensors(model, format).map(({ name, dtype, shape }) => {
      const [offset, length] = [end, elementCount(shape) * bytesPerElement[dtype]];
      end += length;
      return [name, { file: '', dtype, shape, offset, length }];
    }),
  );
  return { ...model, base: { format, tensors, relativeError: NaN, wasDamaged: false } };
};

/** How a file holds the matrices of a format without parts, and how their numbers are rounded to it. */
const halves = {
  bf16: { dtype: 'BF16', round: (weight: Float32Array) => bfloat16ToFloat32(float32ToBfloat16(weight)) },
  fp16: { dtype: 'F16', round: (weight: Float32Array) => float16ToFloat32(float32ToFloat16(weight)) },
} as const;

const isHalf = (format: BaseFormat): format is keyof typeof halves => Object.hasOwn(halves, format);

/** Whether the model's own files hold its weights in that format, as far as it makes a difference: only the CPU widens whatever is there. */
const isHeldAs = ({ tensors, weightShapes }: Model, format: BaseFormat, device: DeviceName): boolean => {
  if (format === 'fp32' && device === 'cpu') return true;
  const dtype = isHalf(format) ? halves[format].dtype : format === 'fp32' ? 'F32' : undefined;
  return [...weightShapes.keys()].every((name) => tensors.get(name)?.dtype === dtype);
};

const temporaryCache = (): string => privateTemporaryFolder('nora-base-weights');

/** Of what the weights are made from: the configuration, each file by its content, which is read where its hash is not known, and which of them a part of a model has. */
const identityOf = (
  { folder, weightShapes }: Model,
  kind: string,
  hashes: NonNullable<BaseFormatOptions['hashes']>,
): string => {
  const files = [...new Set([...folder.tensors.values()].map(({ file }) => realpathSync(file)))].sort();
  const contents = files.map((file) => hashes.get(file) ?? sha256OfFileSync(file));
  return createHash('sha256')
    .update(JSON.stringify([version, kind, folder.config, contents, [...weightShapes.keys()]]))
    .digest('hex')
    .slice(0, 20);
};

/** ||W - Q|| / ||W|| over the linear layers, one number. */
const errorName = 'relative_error';

const quantizedTensors = (model: Model, format: BaseFormat): TensorToWrite[] => {
  const { linearLayers, targetLayers, weightShapes, tensors: stored } = model;
  const linear = new Map(linearLayers.map((layer) => [`${layer.module}.weight`, layer]));
  // Other matrices (the vectors of a BERT's two token types) are read as they stand in the files.
  const layers = new Set(targetLayers.map(weightName));
  const error = { difference: 0, weight: 0 };
  const add = ({ difference, weight }: SquaredError): void => {
    error.difference += difference;
    error.weight += weight;
  };
  const roundedWeight = (name: string, format: keyof typeof halves): Float32Array => {
    const weight = readModelWeight(model, name);
    const rounded = halves[format].round(weight);
    if (!rounded.every(Number.isFinite))
      throw invalidInput(
        `training.baseFormat: ${name} has numbers too large for ${format} (beyond 65504); choose fp32`,
      );
    if (linear.has(name)) add(squaredError(weight, rounded));
    return rounded;
  };
  const tensors = [...weightShapes].flatMap(([name, shape]): TensorToWrite[] => {
    const [rows, columns] = shape as [number, number];
    if (shape.length > 1 && isHalf(format))
      return [{ name, dtype: halves[format].dtype, shape, data: () => roundedWeight(name, format) }];
    if (format === 'fp32') return [{ name, dtype: 'F32', shape, data: () => readModelWeight(model, name) }];
    const layer = linear.get(name);
    if (layer) {
      const { outFeatures: rows, inFeatures: columns } = layer;
      const matrix = { name, rows, columns, read: () => readLayerWeight(model, layer), onError: add };
      return format === 'int8' ? twoWayTensors(matrix) : blockTensors(matrix, columns % 2 === 0 ? 4 : 8);
    }
    const isTable = shape.length === 2 && layers.has(name);
    if (isTable && format === 'int4' && columns % blockSize === 0)
      return blockTensors({ name, rows, columns, read: () => readModelWeight(model, name) }, 8);
    // Kernels of convolutions too.
    if (shape.length > 1) {
      const location = stored.get(name)!;
      return [{ name, dtype: location.dtype, shape, data: () => readChunks(location) }];
    }
    return [{ name, dtype: 'F32', shape, data: () => readModelWeight(model, name) }];
  });
  return [...tensors, errorTensor(error)];
};

/** ||W - Q|| / ||W||, once all weights are written. */
export const errorTensor = (error: SquaredError): TensorToWrite => ({
  name: errorName,
  dtype: 'F32',
  shape: [1],
  data: () => Float32Array.of(error.weight === 0 ? 0 : Math.sqrt(error.difference / error.weight)),
});
