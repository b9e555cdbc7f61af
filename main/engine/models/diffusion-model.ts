import { product } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import { invalidInput, WorkbenchError } from '../errors.ts';
import type {
  Condition,
  DiffusionModel,
  ForwardContext,
  ForwardResult,
  ModelArchitecture,
} from './architecture.ts';
import { asRows, decoderOf, encoderOf } from './blocks/diffusion/parts.ts';
import { listWeights, type Model } from './model.ts';

/** What draws, of a model. @throws unsupported where it draws no pictures */
export const diffusionOf = ({ name, diffusion }: ModelArchitecture): DiffusionModel => {
  if (diffusion) return diffusion;
  throw new WorkbenchError(
    'unsupported',
    `a ${name} model draws no pictures; models such as Stable Diffusion do`,
  );
};

const withArchitecture = (model: Model, architecture: ModelArchitecture): Model => ({
  ...model,
  architecture,
  ...listWeights(architecture),
});

/** A part of the model alone, with the sites and weights of that part; null for what it takes of each picture where it is no denoiser. */
const only = (model: Model, forward: (context: ForwardContext) => ForwardResult): Model => {
  const { besides: _, ...architecture } = model.architecture;
  return withArchitecture(model, { ...architecture, forward });
};

/**
 * The denoiser without its text encoders, whose states are given: made once where they are frozen. Its sites are the U-Net's alone, so
 * settings that name others are refused. Takes `text_states` and, where the model asks for more, `added`: the pooled text and the picture's
 * numbers as sinusoids behind it.
 */
export const withTextStates = (model: Model): Model => {
  const diffusion = diffusionOf(model.architecture);
  const { added, textWidth } = diffusion;
  const addedWidth = added
    ? added.pooledWidth + added.features(Array<number>(added.numbers).fill(0)).length
    : 0;
  const conditions: Condition[] = [
    { name: 'text_states', dataType: 'float32', shape: ['tokens', textWidth] },
    ...(added ? [{ name: 'added', dataType: 'float32', shape: [addedWidth] } as const] : []),
  ];
  return only(
    { ...model, architecture: { ...model.architecture, diffusion: { ...diffusion, conditions } } },
    (context) => {
      const { g } = context;
      const states = g.input('text_states', 'float32', ['images', 'tokens', textWidth]);
      return asRows(
        context,
        diffusion.denoise(context, {
          states: g.reshape(states, [product(['images', 'tokens']), textWidth]),
          tokens: 'tokens',
          added: added ? g.input('added', 'float32', ['images', addedWidth]) : null,
        }),
      );
    },
  );
};

/** Whether the texts' states are given. */
export const isGivenStates = ({ architecture }: Pick<Model, 'architecture'>): boolean =>
  diffusionOf(architecture).conditions.some(({ name }) => name === 'text_states');

/**
 * One of its text encoders alone: a row for each text, its tokens' states one after the other (positions * width), and behind them the
 * vector of the whole text where one is made of it (pooledWidth).
 */
export const onlyTexts = (model: Model, at: number): Model => {
  const { texts, positions } = diffusionOf(model.architecture);
  const encoder = texts[at];
  if (!encoder) throw new Error(`the model has ${texts.length} text encoders`);
  return only(model, (context) => {
    const { g } = context;
    const { states, pooled } = encoder.encode(context);
    const rows = g.reshape(states, ['images', positions * encoder.width]);
    return {
      hidden: pooled ? g.concatenate([rows, pooled], 1) : rows,
      head: { frozen: true, logits: (all: Value) => all },
    };
  });
};

/** The encoder of the VAE alone: `pixels` to a row for each picture, the mean of its latent and then the log variance. */
export const vaeEncoder = (model: Model): Model =>
  only(model, (context) => asRows(context, encoderOf(diffusionOf(model.architecture))(context)));

/** The decoder of the VAE alone: `latents`, divided by the scaling factor already, to a row of pixels for each picture. */
export const vaeDecoder = (model: Model): Model =>
  only(model, (context) => asRows(context, decoderOf(diffusionOf(model.architecture))(context)));

/** The model with its texts' states taken so many layers earlier. @throws invalid-input where there are not so many */
export const withClipSkip = (model: Model, layers: number): Model =>
  layers === 0 ? model : withArchitecture(model, diffusionOf(model.architecture).skipping(layers));

/**
 * The model with its texts' states taken from a layer of kohya's clip_skip, by which 1 is the last; null leaves the model's own.
 * @param field for the message
 * @throws invalid-input for a layer after the model's own, or one that is not there
 */
export const atClipSkip = (model: Model, clipSkip: number | null, field: string): Model => {
  if (clipSkip === null) return model;
  const { skipped, textLayers } = diffusionOf(model.architecture);
  const own = skipped + 1;
  if (clipSkip < own)
    throw invalidInput(
      `${field}: ${clipSkip} is after the layer that the model itself takes, ${own}; take a larger one, or none`,
    );
  if (clipSkip > textLayers)
    throw invalidInput(
      `${field}: ${clipSkip} is before the first layer of a text encoder, which has ${textLayers}; take ${own} to ${textLayers}, or none`,
    );
  return withClipSkip(model, clipSkip - own);
};
