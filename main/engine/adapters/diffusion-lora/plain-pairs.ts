import { WorkbenchError } from '../../errors.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { SavedAdapter } from '../folder/adapter-folder.ts';
import { lengthsOf, unscaledPair } from '../layer/fold.ts';
import { describeAdapter } from '../settings/adapter-settings.ts';

/** A LoRA on one layer, as files of diffusion models have it: delta W = alpha / rank * up down; DoRA brings the rows of W + delta W to its lengths. */
export interface PlainPair {
  readonly layer: LinearLayer;
  readonly rank: number;
  readonly alpha: number;
  /** (rank x inFeatures) */
  readonly down: Float32Array;
  /** (outFeatures x rank) */
  readonly up: Float32Array;
  /** (outFeatures) */
  readonly lengths?: Float32Array;
}

/** Whether a layer is one of those that such files have a place for: not an embedding, whose input is not multiplied. */
const hasPlace = ({ role }: LinearLayer): boolean => role !== 'embedding' && role !== 'head';

/**
 * An adapter as a plain LoRA on each of its layers: of a LoRA the very factors that were trained, of one that is nested, or starts from a part of
 * the base, its sides multiplied out.
 * @param form as in "kohya's file", for errors
 * @throws unsupported naming what such a file has no place for
 */
export const plainPairs = (
  { settings, layers, values, weights }: SavedAdapter,
  form: string,
): PlainPair[] => {
  const description = describeAdapter(settings);
  const refuse = (why: string): never => {
    throw new WorkbenchError('unsupported', `${form}: ${why}; export merged weights`);
  };
  if (weights.length > 0) refuse(`it has no place for weights that are trained whole (${weights[0]!.name})`);
  return layers.map((layer) => {
    if (!hasPlace(layer)) refuse(`it has no place for an adapter on ${layer.module}`);
    const { rank, loraA, loraB, scaling } = unscaledPair(description, layer, values);
    const lengths = lengthsOf(description, layer, values);
    return {
      layer,
      rank,
      alpha: scaling * rank,
      down: Float32Array.from(loraA.data),
      up: Float32Array.from(loraB.data),
      ...(lengths && { lengths }),
    };
  });
};

/** The same with alpha / rank in `up`. */
export const withScalingIn = ({ alpha, rank, up, ...pair }: PlainPair): PlainPair => ({
  ...pair,
  rank,
  alpha: rank,
  up: alpha === rank ? up : up.map((value) => (value * alpha) / rank),
});

/** Shapes as the files have them: a convolution looks down through its own kernel, and up through one of 1 x 1; lengths lie along its channels. */
export const pairShapes = ({
  layer: { inFeatures, outFeatures, kernel },
  rank,
}: Pick<PlainPair, 'layer' | 'rank'>) =>
  kernel === undefined
    ? { down: [rank, inFeatures], up: [outFeatures, rank], lengths: [outFeatures] }
    : {
        down: [rank, inFeatures / kernel.size ** 2, kernel.size, kernel.size],
        up: [outFeatures, rank, 1, 1],
        lengths: [1, outFeatures, 1, 1],
      };
