import { dirname } from 'node:path';
import { z } from 'zod';
import { readSchedule } from '../../diffusion/schedule.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { product } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import { isObject, valueText } from '../../json-value.ts';
import type {
  AddedConditions,
  Condition,
  DiffusionModel,
  ForwardContext,
  ModelArchitecture,
  ReadArchitecture,
  TextEncoder,
} from '../architecture.ts';
import { asRows, decoderOf, encoderOf } from '../blocks/diffusion/parts.ts';
import { sinusoids } from '../blocks/diffusion/sinusoids.ts';
import { encodeTexts } from '../blocks/diffusion/text-encoder.ts';
import { unet } from '../blocks/diffusion/unet.ts';
import {
  refuseOtherUnets,
  sinusoidsOf,
  textWidthOf,
  unetKeys,
  unetShape,
  type UnetSettings,
} from '../blocks/diffusion/unet-settings.ts';
import { decodeLatents, encodePixels } from '../blocks/diffusion/vae.ts';
import { vaeKeys, vaeShape } from '../blocks/diffusion/vae-settings.ts';
import { readConfiguration } from '../configuration.ts';
import { checkHeads, readPart } from '../blocks/tower-settings.ts';
import { endOfText, textKeys } from './clip.ts';

/** What the pipelines of diffusers differ in. */
interface Family {
  readonly name: 'stable-diffusion' | 'stable-diffusion-xl';
  readonly encoders: readonly Pick<TextEncoder, 'module' | 'input'>[];
  /** Of the last of the encoders. */
  readonly pools: boolean;
  /** Layers from the end whose states are passed over, whoever asks for none. */
  readonly skipped: number;
  /** Whether states go through their encoder's last norm. */
  readonly normalised: boolean;
  /** Of pictures, in the added conditioning. */
  readonly numbers: number;
}

const first = { module: 'text_encoder', input: 'input_ids' } as const;
const second = { module: 'text_encoder_2', input: 'input_ids_2' } as const;

const plain: Family = {
  name: 'stable-diffusion',
  encoders: [first],
  pools: false,
  skipped: 0,
  normalised: true,
  numbers: 0,
};

/** Podell et al., arXiv 2307.01952. */
const large: Family = {
  name: 'stable-diffusion-xl',
  encoders: [first, second],
  pools: true,
  skipped: 1,
  normalised: false,
  numbers: 6,
};

/** Of the one configuration that is made of all parts' files. */
const pipelineKeys = z.object({
  unet: z.unknown().optional(),
  text_encoder: z.unknown().optional(),
  text_encoder_2: z.unknown().optional(),
  vae: z.unknown().optional(),
  scheduler: z.unknown().optional(),
});

const encoderKeys = textKeys.extend({ pad_token_id: z.int().min(0).nullish() });
type EncoderSettings = z.output<typeof encoderKeys>;

type Config = Parameters<ReadArchitecture>[0];

const required = <Shape extends z.ZodRawShape>(
  known: z.ZodObject<Shape>,
  config: Config,
  part: string,
  place: string,
): z.output<z.ZodObject<Shape>> => {
  const read = readPart(known, config, part, place);
  if (read) return read;
  throw invalidInput(`${place}: ${part} is missing: its config.json says what the model is`);
};

const readEncoders = ({ encoders }: Family, config: Config, place: string): EncoderSettings[] => {
  if (encoders.includes(second) && !isObject(config['text_encoder']))
    throw new WorkbenchError(
      'unsupported',
      `${place}: text_encoder is missing: an SDXL refiner, which goes on from another model's latents; take the base model`,
    );
  const settings = encoders.map(({ module }) => required(encoderKeys, config, module, place));
  for (const [at, one] of settings.entries()) {
    checkHeads(one, `${place}: ${encoders[at]!.module}`);
    if (one.max_position_embeddings !== settings[0]!.max_position_embeddings)
      throw invalidInput(
        `${place}: ${encoders[at]!.module}: max_position_embeddings is ${one.max_position_embeddings}, text_encoder has ${settings[0]!.max_position_embeddings}`,
      );
  }
  return settings;
};

const textEncoders = (family: Family, settings: readonly EncoderSettings[], skipped: number): TextEncoder[] =>
  settings.map((one, at): TextEncoder => {
    const { module, input } = family.encoders[at]!;
    const pooledWidth = family.pools && at === settings.length - 1 ? (one.projection_dim ?? 512) : null;
    const options = { module, input, pooledWidth, skipped, normalised: family.normalised };
    return {
      ...{ module, input, pooledWidth },
      width: one.hidden_size,
      vocabularySize: one.vocab_size,
      padId: one.pad_token_id ?? null,
      endOf: endOfText(one),
      encode: (context) => encodeTexts(context, one, options),
    };
  });

/** @throws invalid-input or unsupported where the U-Net asks for something else than the pipeline gives */
const addedConditions = (
  { numbers, name }: Family,
  settings: UnetSettings,
  pooledWidth: number | null,
  place: string,
): AddedConditions | null => {
  const {
    addition_embed_type: type,
    addition_time_embed_dim: width,
    projection_class_embeddings_input_dim: whole,
  } = settings;
  if (pooledWidth === null) {
    if (type === null || type === undefined) return null;
    throw invalidInput(`${place}: unet: addition_embed_type is ${type}, which a ${name} model does not have`);
  }
  if (!type || !width || !whole)
    throw invalidInput(
      `${place}: unet: addition_embed_type, addition_time_embed_dim and projection_class_embeddings_input_dim have to be set for a ${name} model`,
    );
  if (whole !== pooledWidth + numbers * width)
    throw invalidInput(
      `${place}: unet: projection_class_embeddings_input_dim is ${whole}, which is not the text's projection_dim ${pooledWidth} and ${numbers} numbers of addition_time_embed_dim ${width}`,
    );
  return { pooledWidth, numbers, features: (given) => sinusoids(given, sinusoidsOf(settings, width)) };
};

/** What the graph takes of each picture where the text encoders are in it. */
const wholeConditions = (texts: readonly TextEncoder[], positions: number, features: number): Condition[] => [
  ...texts.map(({ input }): Condition => ({ name: input, dataType: 'int64', shape: [positions] })),
  ...(features > 0
    ? ([
        { name: 'text_ends', dataType: 'float32', shape: [positions] },
        { name: 'time_features', dataType: 'float32', shape: [features] },
      ] as const)
    : []),
];

const readFamily = (family: Family, config: Config, place: string): ModelArchitecture => {
  readConfiguration(pipelineKeys, config, place);
  const vae = required(vaeKeys, config, 'vae', place);
  refuseOtherUnets(config['unet'], vae.latent_channels, place);
  const settings = required(unetKeys, config, 'unet', place);
  const encoders = readEncoders(family, config, place);
  const shape = unetShape(settings, `${place}: unet`);
  const codec = vaeShape(vae, `${place}: vae`);
  if (settings.out_channels !== vae.latent_channels)
    throw new WorkbenchError(
      'unsupported',
      `${place}: unet: out_channels is ${settings.out_channels}, not the latent_channels (${vae.latent_channels}) of the VAE: models that tell their variances are not read`,
    );
  const scheduler = config['scheduler'];
  if (!isObject(scheduler))
    throw invalidInput(`${place}: scheduler is ${valueText(scheduler)}, not an object`);
  const read = readSchedule(scheduler, `${place}: scheduler`);
  // As diffusers' pipeline of these models has it, whatever the file says.
  const schedule = family === plain ? { ...read, clipSample: null } : read;
  const textWidth = encoders.reduce((sum, { hidden_size: width }) => sum + width, 0);
  const asked = textWidthOf(settings, `${place}: unet`);
  if (asked !== textWidth)
    throw invalidInput(
      `${place}: unet: cross_attention_dim is ${asked}, and the text encoders' hidden_size is ${textWidth} in all`,
    );
  const positions = encoders[0]!.max_position_embeddings;
  const latent = {
    channels: vae.latent_channels,
    pixels: 2 ** (codec.widths.length - 1),
    granularity: 2 ** (shape.levels.length - 1),
  };
  const side = (name: string) => product([latent.granularity, name]);
  const denoise: DiffusionModel['denoise'] = (context, { states, tokens, added }) => {
    const { g } = context;
    return unet(context, 'unet', shape, {
      latents: g.input('latents', 'float32', ['images', latent.channels, side('rows'), side('columns')]),
      times: g.input('times', 'float32', ['images', shape.levels[0]!.width]),
      texts: { rows: states, tokens },
      added,
    });
  };

  const textLayers = Math.min(...encoders.map(({ num_hidden_layers: layers }) => layers));
  const skipping = (more: number): ModelArchitecture => {
    const skipped = family.skipped + more;
    if (!Number.isInteger(more) || more < 0 || skipped >= textLayers)
      throw invalidInput(
        `${place}: a text encoder has ${textLayers} layers; ${more} cannot be passed over at its end`,
      );
    const texts = textEncoders(family, encoders, skipped);
    const pooledWidth = texts.at(-1)!.pooledWidth;
    const added = addedConditions(family, settings, pooledWidth, place);
    const features = added ? added.numbers * settings.addition_time_embed_dim! : 0;
    const diffusion: DiffusionModel = {
      ...{ latent, positions, schedule, texts, textWidth, added, denoise, skipped, textLayers, skipping },
      timesteps: schedule.trainTimesteps,
      times: (timesteps) => sinusoids(timesteps, sinusoidsOf(settings, shape.levels[0]!.width)),
      conditions: wholeConditions(texts, positions, features),
      vae: {
        scalingFactor: vae.scaling_factor,
        encode: (context, pixels) => encodePixels(context, 'vae', codec, pixels),
        decode: (context, latents) => decodeLatents(context, 'vae', codec, latents),
      },
    };
    return {
      name: family.name,
      layers: Math.max(...encoders.map(({ num_hidden_layers: layers }) => layers)),
      // Of the first text encoder.
      hiddenSize: encoders[0]!.hidden_size,
      vocabularySize: encoders[0]!.vocab_size,
      maximumPositions: positions,
      objective: 'noise',
      outputs: 1,
      diffusion,
      forward: (context) => asRows(context, wholeDenoiser(context, diffusion, features)),
      besides: [encoderOf(diffusion), decoderOf(diffusion)],
    };
  };
  return skipping(0);
};

/** The denoiser on what its own text encoders make of the texts. */
const wholeDenoiser = (context: ForwardContext, diffusion: DiffusionModel, features: number): Value => {
  const { g } = context;
  const encoded = g.within('texts', () => diffusion.texts.map(({ encode }) => encode(context)));
  const { states, pooled } = encoded.at(-1)!;
  const side = encoded.map((one) => one.states);
  return diffusion.denoise(context, {
    states: side.length === 1 ? states : g.concatenate(side, 1),
    tokens: diffusion.positions,
    added:
      pooled && diffusion.added
        ? g.concatenate([pooled, g.input('time_features', 'float32', ['images', features])], 1)
        : null,
  });
};

export const readStableDiffusion: ReadArchitecture = (config, place) =>
  readFamily(plain, config, dirname(place));

export const readStableDiffusionXl: ReadArchitecture = (config, place) =>
  readFamily(large, config, dirname(place));
