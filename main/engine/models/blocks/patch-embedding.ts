import { invalidInput } from '../../errors.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardContext } from '../architecture.ts';

/** How a picture is cut: squares of `patch_size`, row by row. What is left over on the right and below is not seen. */
export interface PatchSettings {
  readonly image_size: number;
  readonly patch_size: number;
  readonly num_channels: number;
  readonly hidden_size: number;
}

/** Patches of a side. */
export const patchesAcross = ({
  image_size: size,
  patch_size: patch,
}: Pick<PatchSettings, 'image_size' | 'patch_size'>): number => Math.floor(size / patch);

/** @throws invalid-input for a picture without a patch; `place` names the configuration */
export const checkPatches = (
  { image_size: size, patch_size: patch }: Pick<PatchSettings, 'image_size' | 'patch_size'>,
  place: string,
): void => {
  if (patch > size) throw invalidInput(`${place}: patch_size ${patch} is larger than image_size ${size}`);
};

/**
 * Each patch as a vector: pixels (pictures x channels x size x size) to (pictures x patches x width). A convolution whose stride is its
 * kernel is one product of matrices. It is no site of adapters: PEFT's on a convolution have shapes of their own.
 */
export const patchEmbedding = (
  { g, weight }: ForwardContext,
  settings: PatchSettings,
  { module, bias }: { readonly module: string; readonly bias: boolean },
  pixels: Value,
): Value => {
  const { image_size: size, patch_size: patch, num_channels: channels, hidden_size: width } = settings;
  const across = patchesAcross(settings);
  const pictures = pixels.shape[0]!;
  const seen = across * patch;
  const whole = (x: Value, axis: number): Value => (seen === size ? x : g.slice(x, axis, 0, seen));
  const cut = g.reshape(whole(whole(pixels, 2), 3), [pictures, channels, across, patch, across, patch]);
  return g.within('patches', () => {
    const patches = g.reshape(g.transpose(cut, [0, 2, 4, 1, 3, 5]), [
      pictures,
      across * across,
      channels * patch * patch,
    ]);
    const kernel = weight(`${module}.weight`, [width, channels, patch, patch]);
    const product = g.matmul(patches, g.reshape(kernel, [width, channels * patch * patch]), {
      transposeB: true,
    });
    return bias ? g.add(product, weight(`${module}.bias`, [width])) : product;
  });
};
