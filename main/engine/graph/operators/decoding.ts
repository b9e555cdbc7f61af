import type { DecodingSignatures } from '../signatures.ts';
import { product } from '../dimension.ts';
import type { OperatorEntries } from './entry.ts';
import { axisOf, float32, requireFit, requireMatrices, requireType } from './type-checks.ts';

export const decoding: OperatorEntries<DecodingSignatures> = {
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
