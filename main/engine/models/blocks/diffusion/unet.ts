import type { Value } from '../../../graph/graph.ts';
import type { ForwardContext, Kernel } from '../../architecture.ts';
import { activate } from '../activations.ts';
import { biased } from '../encoder.ts';
import { convolve, enlarge, groupNorm } from './convolutions.ts';
import { residualBlock } from './residual-block.ts';
import { spatialTransformer, type TextStates } from './spatial-transformer.ts';

/** A resolution of the U-Net; each has half the sides of the one before it. */
export interface UnetLevel {
  readonly width: number;
  readonly heads: number;
  /** Residual blocks on the way down; one more on the way up. */
  readonly layers: number;
  /** Blocks of each transformer. */
  readonly depth: number;
  /** Whether each residual block has a transformer behind it, on the way down and on the way up. */
  readonly attends: { readonly down: boolean; readonly up: boolean };
}

export interface UnetShape {
  readonly levels: readonly UnetLevel[];
  readonly groups: number;
  readonly epsilon: number;
  readonly linearProjection: boolean;
  /** Channels of its output. */
  readonly channels: number;
}

export interface UnetInputs {
  /** (images x channels x height x width) */
  readonly latents: Value;
  /** Sinusoids of the timesteps (images x width of the first level). */
  readonly times: Value;
  readonly texts: TextStates;
  /** What else is known of each picture (images x anything); null where the model asks for nothing. */
  readonly added: Value | null;
}

const half: Kernel = { size: 3, stride: 2, padding: 1 };

/** Two layers that make of numbers what all residual blocks are told. */
const embedding = ({ g, linear }: ForwardContext, module: string, x: Value, width: number): Value => {
  return g.within('time', () => {
    const wide = g.silu(linear(biased(`${module}.linear_1`, x.shape[1] as number, width), x), 1);
    return linear(biased(`${module}.linear_2`, width, width), wide);
  });
};

/** diffusers' UNet2DConditionModel, its weights under `module`: what the model predicts of the latents (images x channels x height x width). */
export const unet = (
  context: ForwardContext,
  module: string,
  { levels, groups, epsilon, linearProjection, channels }: UnetShape,
  { latents, times, texts, added }: UnetInputs,
): Value => {
  const { g } = context;
  const timeWidth = 4 * levels[0]!.width;
  const ofTime = embedding(context, `${module}.time_embedding`, times, timeWidth);
  const told = added
    ? g.add(ofTime, embedding(context, `${module}.add_embedding`, added, timeWidth))
    : ofTime;
  const time = g.mark(activate(g, 'silu', told), 'always');
  const residual = (name: string, x: Value, width: number): Value =>
    residualBlock(context, x, { module: `${module}.${name}`, width, time, groups, epsilon });
  const attended = (name: string, x: Value, { heads, depth }: UnetLevel, at: number): Value =>
    spatialTransformer(context, x, texts, {
      ...{ module: `${module}.${name}`, groups, heads, depth, linearProjection },
      positions: Math.ceil(context.positions / 4 ** at),
    });

  let x = g.mark(convolve(context, `${module}.conv_in`, latents, levels[0]!.width), 'boundary');
  const skipped = [x];
  const deepest = levels.length - 1;
  for (const [at, level] of levels.entries()) {
    const block = `down_blocks.${at}`;
    for (let layer = 0; layer < level.layers; layer++) {
      x = residual(`${block}.resnets.${layer}`, x, level.width);
      if (level.attends.down) x = attended(`${block}.attentions.${layer}`, x, level, at);
      skipped.push(x);
    }
    if (at === deepest) continue;
    const smaller = convolve(context, `${module}.${block}.downsamplers.0.conv`, x, level.width, half);
    x = g.mark(smaller, 'boundary');
    skipped.push(x);
  }
  const middle = levels[deepest]!;
  x = residual('mid_block.resnets.0', x, middle.width);
  x = attended('mid_block.attentions.0', x, middle, deepest);
  x = residual('mid_block.resnets.1', x, middle.width);
  for (const [from, level] of levels.toReversed().entries()) {
    const [block, at] = [`up_blocks.${from}`, deepest - from];
    for (let layer = 0; layer <= level.layers; layer++) {
      x = residual(
        `${block}.resnets.${layer}`,
        g.within('skip', () => g.concatenate([x, skipped.pop()!], 1)),
        level.width,
      );
      if (level.attends.up) x = attended(`${block}.attentions.${layer}`, x, level, at);
    }
    if (at > 0) x = enlarge(context, `${module}.${block}.upsamplers.0.conv`, x);
  }
  const normalised = groupNorm(context, `${module}.conv_norm_out`, x, { groups, epsilon });
  return convolve(context, `${module}.conv_out`, activate(g, 'silu', normalised), channels);
};
