import type { Value } from '../../../graph/graph.ts';
import type { ForwardContext } from '../../architecture.ts';
import { activate } from '../activations.ts';
import { biased } from '../encoder.ts';
import { pixelShape } from '../pixel-rows.ts';
import { residual } from '../residual.ts';
import { convolve, groupNorm, pointwise, type GroupNormSettings } from './convolutions.ts';

export interface ResidualBlock extends GroupNormSettings {
  readonly module: string;
  /** Channels that it gives. */
  readonly width: number;
  /** What the timestep is to all blocks, activated (images x anything); null where there are no timesteps. */
  readonly time: Value | null;
}

/** x (images x channels x height x width) plus two convolutions of it, with the timestep added to each channel in between (Ho et al., arXiv 2006.11239). */
export const residualBlock = (
  context: ForwardContext,
  x: Value,
  { module, width, time, ...norm }: ResidualBlock,
): Value => {
  const { g, linear } = context;
  const [images, channels] = pixelShape(x);
  const activated = (name: string, value: Value): Value =>
    activate(g, 'silu', groupNorm(context, `${module}.${name}`, value, norm));
  const ofTime = (rows: Value): Value =>
    g.reshape(linear(biased(`${module}.time_emb_proj`, rows.shape[1] as number, width), rows), [
      images,
      width,
      1,
      1,
    ]);
  const first = convolve(context, `${module}.conv1`, activated('norm1', x), width);
  const told = time
    ? g.mark(
        g.within('time', () => g.add(first, ofTime(time))),
        'costly',
      )
    : first;
  const second = convolve(context, `${module}.conv2`, activated('norm2', told), width);
  const straight = channels === width ? x : convolve(context, `${module}.conv_shortcut`, x, width, pointwise);
  return g.mark(residual(g, straight, second), 'boundary');
};
