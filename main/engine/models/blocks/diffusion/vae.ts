import { product } from '../../../graph/dimension.ts';
import type { Value } from '../../../graph/graph.ts';
import type { ForwardContext, Kernel } from '../../architecture.ts';
import { groupedAttention, splitHeads } from '../attention.ts';
import { biased } from '../encoder.ts';
import { pixelRows, pixelShape, rowsToPixels } from '../pixel-rows.ts';
import { convolve, enlarge, groupNorm, pointwise, type GroupNormSettings } from './convolutions.ts';
import { residualBlock } from './residual-block.ts';

export interface VaeShape {
  /** Of each resolution, the finest first. */
  readonly widths: readonly number[];
  /** Residual blocks of a resolution of the encoder; the decoder has one more. */
  readonly layers: number;
  readonly groups: number;
  readonly latentChannels: number;
  readonly pictureChannels: number;
}

/** Of all its norms; no configuration has it. */
const epsilon = 1e-6;
/** The picture is continued by zeros at the bottom and on the right alone. */
const half: Kernel = { size: 3, stride: 2, padding: [0, 0, 1, 1] };

/** x plus attention of one head among all its places. */
const attended = (context: ForwardContext, module: string, x: Value, norm: GroupNormSettings): Value => {
  const { g, linear, positions } = context;
  const shape = pixelShape(x);
  const [images, width, height, across] = shape;
  const rows = pixelRows(g, groupNorm(context, `${module}.group_norm`, x, norm));
  const part = (name: string): Value =>
    splitHeads(
      g,
      [images, product([height, across])],
      linear(biased(`${module}.${name}`, width, width), rows),
      {
        heads: 1,
        width,
      },
    );
  const mixed = groupedAttention({ g, past: null, positions }, [part('to_q'), part('to_k'), part('to_v')], {
    bias: null,
    scale: 1 / Math.sqrt(width),
    causal: false,
    softcap: null,
  });
  return g.add(rowsToPixels(g, linear(biased(`${module}.to_out.0`, width, width), mixed), shape), x);
};

const parts = (context: ForwardContext, module: string, { groups }: VaeShape) => {
  const norm = { groups, epsilon };
  const residual = (name: string, x: Value, width: number): Value =>
    residualBlock(context, x, { module: `${module}.${name}`, width, time: null, ...norm });
  return {
    residual,
    middle: (x: Value, width: number): Value => {
      const first = residual('mid_block.resnets.0', x, width);
      const mixed = attended(context, `${module}.mid_block.attentions.0`, first, norm);
      return residual('mid_block.resnets.1', mixed, width);
    },
    end: (x: Value, width: number): Value => {
      const normalised = groupNorm(context, `${module}.conv_norm_out`, x, norm);
      return convolve(context, `${module}.conv_out`, context.g.silu(normalised, 1), width);
    },
  };
};

/**
 * The encoder of diffusers' AutoencoderKL: pixels in [-1, 1] (images x 3 x height x width) to mean and log variance of their latents, one after
 * the other (images x 2 * latent channels x ...), the log variance within [-30, 20].
 */
export const encodePixels = (
  context: ForwardContext,
  module: string,
  shape: VaeShape,
  pixels: Value,
): Value => {
  const { g } = context;
  const { widths, layers, latentChannels } = shape;
  const encoder = `${module}.encoder`;
  const { residual, middle, end } = parts(context, encoder, shape);
  let x = convolve(context, `${encoder}.conv_in`, pixels, widths[0]!);
  for (const [at, width] of widths.entries()) {
    for (let layer = 0; layer < layers; layer++) x = residual(`down_blocks.${at}.resnets.${layer}`, x, width);
    if (at < widths.length - 1)
      x = convolve(context, `${encoder}.down_blocks.${at}.downsamplers.0.conv`, x, width, half);
  }
  const ended = end(middle(x, widths.at(-1)!), 2 * latentChannels);
  const moments = convolve(context, `${module}.quant_conv`, ended, 2 * latentChannels, pointwise);
  const mean = g.slice(moments, 1, 0, latentChannels);
  const logVariance = g.minimum(g.slice(moments, 1, latentChannels, 2 * latentChannels), 20);
  return g.concatenate([mean, g.negate(g.minimum(g.negate(logVariance), 30))], 1);
};

/** The decoder: latents (images x channels x height x width), no longer scaled, to pixels (images x 3 x ...), about within [-1, 1]. */
export const decodeLatents = (
  context: ForwardContext,
  module: string,
  shape: VaeShape,
  latents: Value,
): Value => {
  const { widths, layers, latentChannels, pictureChannels } = shape;
  const decoder = `${module}.decoder`;
  const { residual, middle, end } = parts(context, decoder, shape);
  const start = convolve(context, `${module}.post_quant_conv`, latents, latentChannels, pointwise);
  let x = middle(convolve(context, `${decoder}.conv_in`, start, widths.at(-1)!), widths.at(-1)!);
  for (const [at, width] of widths.toReversed().entries()) {
    for (let layer = 0; layer <= layers; layer++) x = residual(`up_blocks.${at}.resnets.${layer}`, x, width);
    if (at < widths.length - 1) x = enlarge(context, `${decoder}.up_blocks.${at}.upsamplers.0.conv`, x);
  }
  return end(x, pictureChannels);
};
