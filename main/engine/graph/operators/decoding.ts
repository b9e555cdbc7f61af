import type { DecodingSignatures } from '../signatures.ts';
import { product, sameShape } from '../dimension.ts';
import type { OperatorEntries } from './entry.ts';
import { axisOf, float32, requireFit, requireMatrices, requireType } from './type-checks.ts';

export const decoding: OperatorEntries<DecodingSignatures> = {
  split: {
    inputs: ['x'],
    attributes: ['axis', 'at'],
    outputs: ['before', 'from'],
    types: ({ x: { dataType, shape } }, { axis, at }) => {
      const extent = Number(shape[axis]);
      if (!(at > 0 && at < extent))
        throw new Error(`${at} does not split axis ${axis} of [${shape.join(', ')}]`);
      const part = (size: number) => ({ dataType, shape: shape.with(axis, size) });
      return { before: part(at), from: part(extent - at) };
    },
    gradient: 'none',
    flops: 'none',
    memory: {},
  },
  addRmsNorm: {
    inputs: ['a', 'b', 'weight'],
    attributes: ['epsilon'],
    outputs: ['sum', 'y'],
    types: ({ a, b, weight }) => {
      requireType('float32', a, b, weight);
      requireMatrices(a, b);
      requireFit(sameShape(a.shape, b.shape) && sameShape(weight.shape, [axisOf(a, -1)]), a, b, weight);
      return { sum: float32(a.shape), y: float32(a.shape) };
    },
    gradient: 'none',
    flops: 'none',
    memory: {},
  },
  bitMatmul: {
    inputs: ['x', 'weight', 'scales'],
    attributes: ['bits', 'columns', 'blockSize'],
    outputs: ['y'],
    types: ({ x, weight, scales }, { bits, columns, blockSize }) => {
      requireType('float32', x, scales);
      requireType('uint8', weight);
      requireMatrices(x, scales);
      const [rows, blocks, bytes] = weight.shape;
      const fits =
        axisOf(x, -1) === columns &&
        blocks === Math.ceil(columns / blockSize) &&
        bytes === (blockSize * bits) / 8 &&
        scales.shape[0] === rows &&
        scales.shape[1] === blocks;
      requireFit(fits, x, weight, scales);
      return float32([axisOf(x, 0), axisOf(weight, 0)]);
    },
    gradient: 'none',
    flops: ({ outputs: { y }, attributes: { columns } }, extent) => 2 * extent(product(y.shape)) * columns,
    memory: {},
  },
};
