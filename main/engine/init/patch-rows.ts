import type { GraphBuilder } from '../graph/builder.ts';
import { product, type Dimension } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import type { Kernel } from '../models/architecture.ts';

/** (images x channels x height x width) to a row for each pixel (images * height * width x channels). */
export const pixelRows = (g: GraphBuilder, x: Value): Value => {
  const [images, channels, height, width] = x.shape as [Dimension, number, Dimension, Dimension];
  return g.reshape(g.transpose(x, [0, 2, 3, 1]), [product([images, height, width]), channels]);
};

/**
 * The rows that a convolution's matrix is multiplied by (images * height * width x channels * size * size): for each pixel of the output the patch
 * under the kernel, channel by channel, zeros of the padding and all. Each channel by itself goes through a convolution that picks one number
 * of the patch for each output.
 */
export const patchRows = (g: GraphBuilder, x: Value, { size, stride, padding }: Kernel): Value => {
  if (size === 1 && stride === 1) return pixelRows(g, x);
  const [images, channels, height, width] = x.shape as [Dimension, number, Dimension, Dimension];
  const places = size ** 2;
  const picks = Float32Array.from({ length: places ** 2 }, (_, at) => (at % (places + 1) === 0 ? 1 : 0));
  const kernels = g.constant(`patch_places:${size}`, [places, 1, size, size], picks);
  const single = g.reshape(x, [product([images, channels]), 1, height, width]);
  const patches = g.convolution(single, kernels, { stride, padding });
  const [, , rows, columns] = patches.shape as [Dimension, number, Dimension, Dimension];
  return pixelRows(g, g.reshape(patches, [images, channels * places, rows, columns]));
};
