import { product, type Dimension, type Shape } from '../../graph/dimension.ts';
import type { NormGradientSignatures } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';
import { reshaped } from './movement.ts';

type Context = Pick<LoweringContext<'rmsNormGradient'>, 'emit' | 'integers'>;

/** Over the last axis, unless another one is told. */
const mean = ({ emit, integers }: Context, x: string, axis = -1): string =>
  emit('ReduceMean', [x, integers([axis])], { keepdims: 1n });

/**
 * With n = (x - mean) r, r = 1 / deviation of the group: r (w dy - mean(w dy) - n mean(w dy n)). Means over a group are those over its channels
 * of what is known of each channel, so that few passes go over all pixels.
 */
const groupNormGradient: LoweringRule<'groupNormGradient'> = (context) => {
  const { emit, inputs, values, attributes, integers } = context;
  const { groups } = attributes;
  const { shape } = values.inputs.x;
  const [images, channels, ...pixels] = shape as [Dimension, number, ...Shape];
  const ofGroup = channels / groups;
  const groupedShape = [images, groups, ofGroup, product(pixels)];
  const grouped = (name: string): string => reshaped(context, name, shape, groupedShape);
  const perGroup = (name: string): string =>
    reshaped(context, name, [images, groups, 1], [images, groups, 1, 1]);
  const perChannel = emit('Reshape', [inputs.weight, integers([groups, ofGroup, 1])]);
  const times = (a: string, b: string): string => emit('Mul', [a, b]);

  const centred = emit('Sub', [grouped(inputs.x), perGroup(inputs.mean)]);
  const outward = grouped(inputs.gradient);
  const inverses = perGroup(inputs.inverse);
  const ofChannels = (x: string): string => mean(context, times(mean(context, x, 3), perChannel), 2);
  const along = ofChannels(times(outward, centred));
  const middle = ofChannels(outward);
  const bySlope = times(outward, times(perChannel, inverses));
  const cubed = times(inverses, times(inverses, inverses));
  const byDeviation = times(centred, times(along, cubed));
  const byX = emit('Sub', [emit('Sub', [bySlope, byDeviation]), times(middle, inverses)]);
  return reshaped(context, byX, groupedShape, shape);
};

export const normGradients: LoweringRules<NormGradientSignatures> = {
  // With n = x r: r (w dy - n mean(w dy n)).
  rmsNormGradient: ({ inputs: { x, weight, inverse, gradient }, ...context }) => {
    const { emit } = context;
    const normalised = emit('Mul', [x, inverse]);
    const scaled = emit('Mul', [gradient, weight]);
    const along = mean(context, emit('Mul', [scaled, normalised]));
    return emit('Mul', [inverse, emit('Sub', [scaled, emit('Mul', [normalised, along])])]);
  },
  // With n = (x - mean) r: r (w dy - mean(w dy) - n mean(w dy n)).
  layerNormGradient: ({ inputs: { x, weight, mean: centre, inverse, gradient }, ...context }) => {
    const { emit } = context;
    const normalised = emit('Mul', [emit('Sub', [x, centre]), inverse]);
    const scaled = emit('Mul', [gradient, weight]);
    const along = mean(context, emit('Mul', [scaled, normalised]));
    const centred = emit('Sub', [scaled, mean(context, scaled)]);
    return emit('Mul', [inverse, emit('Sub', [centred, emit('Mul', [normalised, along])])]);
  },
  groupNormGradient,
};
