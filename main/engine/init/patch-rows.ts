import type { GraphBuilder } from '../graph/builder.ts';
import { product } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import type { Kernel } from '../models/architecture.ts';
import { pixelRows, pixelShape } from '../models/blocks/pixel-rows.ts';

/** One number of a patch for each output. */
const picks = (size: number): Float32Array => {
  const places = size ** 2;
  return Float32Array.from({ length: places ** 2 }, (_, at) => (at % (places + 1) === 0 ? 1 : 0));
};

/**
 * For a graph, the rows that a convolution's matrix is multiplied by (images * height * width x channels * size * size): for each pixel of the output
 * the patch under the kernel, channel by channel, zeros of the padding and all.
 */
export const createPatchRows = (g: GraphBuilder): ((x: Value, kernel: Kernel) => Value) => {
  const kernels = new Map<number, Value>();
  const kernelOf = (size: number): Value => {
    const known =
      kernels.get(size) ?? g.constant(`patch_places:${size}`, [size ** 2, 1, size, size], picks(size));
    kernels.set(size, known);
    return known;
  };
  return (x, { size, stride, padding }) => {
    const [images, channels, height, width] = pixelShape(x);
    // Each channel as a picture of its own.
    const single = g.reshape(x, [product([images, channels]), 1, height, width]);
    const patches = g.convolution(single, kernelOf(size), { stride, padding });
    const [, , rows, columns] = pixelShape(patches);
    return pixelRows(g, g.reshape(patches, [images, channels * size ** 2, rows, columns]));
  };
};
