import { blockSize, type BaseFormat } from '../../base/base-format.ts';
import { blocksPerRow, quantizeBlocks, type SquaredError } from '../../base/quantize.ts';
import { partNames } from '../../base/quantized-weights.ts';
import { readChunks } from '../../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';
import { elementCount } from '../../formats/tensor-dtype.ts';
import { weightName } from '../architecture.ts';
import type { Model } from '../model.ts';
import { readLayerWeight, readModelWeight } from './model-weights.ts';
import { errorTensor, heldInFile, withBaseFormat, type BaseFormatOptions } from './quantized-base.ts';

/** Weights in half precision are widened once up to this many numbers (8 GB of float32), and for each token beyond. */
const widenedAtMost = 2e9;

/**
 * The model with its weights as generating reads them fastest, whatever form it is trained in. 8 and 4 bits have a scale for 32 weights (as training's
 * int4 has, with the same levels), the head 8 bits in both. Half precision is widened: once, not for every token, as far as there
 * is room. What is made goes into `cacheFolder`, to be found again.
 */
export const withDecodingBase = (
  model: Model,
  format: BaseFormat,
  options: Omit<BaseFormatOptions, 'device'> = {},
): Model => {
  const { base: _, ...plain } = model;
  if (format === 'int8' || format === 'int4')
    return heldInFile(
      plain,
      { format, kind: `${format} for generating, side by side`, tensors: bitTensorsOf },
      options,
    );
  if (format !== 'fp32') return withBaseFormat(plain, format, options);
  const numbers = [...model.weightShapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
  const isWide = [...model.tensors.values()].every(({ dtype }) => dtype === 'F32');
  if (isWide || numbers > widenedAtMost) return plain;
  return heldInFile(plain, { format, kind: 'fp32', tensors: wideTensorsOf }, options);
};

const wideTensorsOf = (model: Model): TensorToWrite[] => [
  ...[...model.weightShapes].map(([name, shape]): TensorToWrite => ({
    name,
    dtype: 'F32',
    shape,
    data: () => readModelWeight(model, name),
  })),
  errorTensor({ difference: 0, weight: 0 }),
];

const bitTensorsOf = (model: Model, format: BaseFormat): TensorToWrite[] => {
  const linear = new Map(model.linearLayers.map((layer) => [`${layer.module}.weight`, layer]));
  const heads = new Map(
    model.targetLayers.filter(({ role }) => role === 'head').map((layer) => [weightName(layer), layer]),
  );
  const error = { difference: 0, weight: 0 };
  const add = ({ difference, weight }: SquaredError): void => {
    error.difference += difference;
    error.weight += weight;
  };
  const wholeTensor = (name: string, shape: readonly number[]): TensorToWrite => {
    const location = model.tensors.get(name)!;
    return shape.length === 2
      ? { name, dtype: location.dtype, shape, data: () => readChunks(location) }
      : { name, dtype: 'F32', shape, data: () => readModelWeight(model, name) };
  };
  const pairs: BitTensors[] = [];
  const whole: TensorToWrite[] = [];
  for (const [name, shape] of model.weightShapes) {
    const layer = linear.get(name) ?? heads.get(name);
    if (!layer) {
      whole.push(wholeTensor(name, shape));
      continue;
    }
    pairs.push(
      bitTensors({
        name,
        rows: layer.outFeatures,
        columns: layer.inFeatures,
        bits: format === 'int4' && linear.has(name) && layer.inFeatures % 2 === 0 ? 4 : 8,
        read: () => readLayerWeight(model, layer),
        onError: linear.has(name) ? add : () => undefined,
      }),
    );
  }
  // All levels, then all scales: what is multiplied by one input (q, k and v are) lies side by side.
  return [
    ...pairs.map(({ levels }) => levels),
    ...pairs.map(({ scales }) => scales),
    ...whole,
    errorTensor(error),
  ];
};

interface MatrixInBits {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly read: () => Float32Array;
  readonly onError: (error: SquaredError) => void;
}

/** The levels of a matrix and, once these are written, its scales. */
interface BitTensors {
  readonly levels: TensorToWrite;
  readonly scales: TensorToWrite;
}

/** Levels counted from 0, two of 4 bits a byte with the first in the low half; the last block of a row filled up with zeros (their level). */
const bitTensors = ({ name, rows, columns, bits, read, onError }: MatrixInBits): BitTensors => {
  const blocks = blocksPerRow(columns);
  const [levelsName, scalesName] = partNames(name).bits;
  const bytesOfRow = (blocks * blockSize * bits) / 8;
  let scales: Float32Array | undefined;
  return {
    levels: {
      name: levelsName,
      dtype: 'U8',
      shape: [rows, blocks, (blockSize * bits) / 8],
      data: () => {
        const quantized = quantizeBlocks(read(), rows, columns, bits);
        onError(quantized.error);
        scales = quantized.scales;
        return fromZero(quantized.values, rows, bytesOfRow, bits);
      },
    },
    scales: {
      name: scalesName,
      dtype: 'F32',
      shape: [rows, blocks],
      data: () => {
        const taken = scales!;
        scales = undefined;
        return taken;
      },
    },
  };
};

/** Signed levels as unsigned ones: the sign bit turned over. */
const fromZero = (values: Uint8Array, rows: number, bytesOfRow: number, bits: 4 | 8): Uint8Array => {
  const flip = bits === 8 ? 0x80 : 0x88;
  const given = values.length / rows;
  const levels = new Uint8Array(rows * bytesOfRow).fill(flip);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < given; at++) levels[row * bytesOfRow + at] = values[row * given + at]! ^ flip;
  return levels;
};
