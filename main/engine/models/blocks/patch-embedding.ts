import type { Value } from '../../graph/graph.ts';
import type { ForwardContext } from '../architecture.ts';

/** How a picture is cut: squares of `patch_size`, row by row. */
export interface PatchSettings {
  readonly image_size: number;
  readonly patch_size: number;
  readonly num_channels: number;
  readonly hidden_size: number;
}

/** Patches of a side. */
export const patchesAcross = ({ image_size: size, patch_size: patch }: PatchSettings): number => size / patch;

/**
 * Each patch as a vector: pixels (pictures x channels x size x size) to (pictures x patches x width). A convolution whose stride is its
 * kernel is one product of matrices. It is no site of adapters: PEFT's on a convolution have shapes of their own.
 */
export const patchEmbedding = (
  { g, weight }: ForwardContext,
  settings: PatchSettings,
  module: string,
  pixels: Value,
): Value => {
  const { patch_size: patch, num_channels: channels, hidden_size: width } = settings;
  const across = patchesAcross(settings);
  const pictures = pixels.shape[0]!;
  const cut = g.reshape(pixels, [pictures, channels, across, patch, across, patch]);
  const patches = g.reshape(g.transpose(cut, [0, 2, 4, 1, 3, 5]), [
    pictures,
    across * across,
    channels * patch * patch,
  ]);
  const kernel = weight(`${module}.weight`, [width, channels, patch, patch]);
  return g.matmul(patches, g.reshape(kernel, [width, channels * patch * patch]), { transposeB: true });
};
