import { operandsOf } from '../../graph/operators/sums.ts';
import type { LoweringRules } from '../rule.ts';
import { flags } from './products.ts';

/** Rows are read once, and sums of bytes are exact on every processor, whatever its own products of bytes cut off. */
export const quantized = {
  quantizeRows: ({ emitNamed, inputs: { x } }) => emitNamed(['values', 'scales'], 'nora.QuantizeRows', [x]),
  quantizedMatmul: ({ emit, inputs: { values, rowScales, weight, scales } }) =>
    emit('nora.QuantizedProducts', [values, rowScales, weight, scales], { count: 1n, ...flags([]) }),
  quantizedProducts: ({ emit, inputs: { operands }, attributes: { count, transposed } }) => {
    const [quantized, factors] = operandsOf(operands, count);
    const bytes = quantized.flatMap(({ values, rowScales, weight, scales }) => [
      values,
      rowScales,
      weight,
      scales,
    ]);
    return emit('nora.QuantizedProducts', [...bytes, ...factors], {
      count: BigInt(count),
      ...flags(transposed),
    });
  },
  // Weights are widened a panel at a time, in the caches.
  blockMatmul: ({ emit, inputs: { x, weight, scales }, attributes: { transposed, blockSize }, values }) => {
    const bits = values.inputs.weight.dataType === 'int4' ? 4 : 8;
    return emit(`nora.BlockProducts${bits}`, [x, weight, scales], {
      transposed: transposed ? 1n : 0n,
      block_size: BigInt(blockSize),
    });
  },
} satisfies Partial<LoweringRules>;
