import type { Value } from '../../../graph/graph.ts';
import { convolutionLayer, type ForwardContext, type Kernel } from '../../architecture.ts';
import { pixelShape } from '../pixel-rows.ts';

/** Sees each pixel's neighbours, and leaves the size as it is. */
export const around: Kernel = { size: 3, stride: 1, padding: 1 };
/** A product for each pixel by itself. */
export const pointwise: Kernel = { size: 1, stride: 1, padding: 0 };

/** A layer with a bias, of as many channels as x has. */
export const convolve = (
  { convolution }: Pick<ForwardContext, 'convolution'>,
  module: string,
  x: Value,
  width: number,
  kernel = around,
): Value => convolution(convolutionLayer(module, pixelShape(x)[1], width, kernel), x);

/** Twice as large in both directions, each pixel as four, and a convolution over it. */
export const enlarge = (
  context: Pick<ForwardContext, 'convolution' | 'g'>,
  module: string,
  x: Value,
): Value => {
  const { g } = context;
  const larger = g.within('upsample', () => g.upsample(x));
  return g.mark(convolve(context, module, larger, pixelShape(x)[1]), 'boundary');
};

export interface GroupNormSettings {
  readonly groups: number;
  readonly epsilon: number;
}

/** A norm over groups of channels with a weight and a bias, by its module. */
export const groupNorm = (
  { g, weight }: Pick<ForwardContext, 'g' | 'weight'>,
  module: string,
  x: Value,
  settings: GroupNormSettings,
): Value => {
  const [, channels] = pixelShape(x);
  return g.within('norm', () =>
    g.groupNorm(x, weight(`${module}.weight`, [channels]), weight(`${module}.bias`, [channels]), settings),
  );
};
