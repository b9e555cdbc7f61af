import { WorkbenchError } from '../../errors.ts';
import { valueText } from '../../json-value.ts';
import type { DiffusionType, PartConfig } from './configuration.ts';

interface Pipeline {
  readonly type: DiffusionType;
  /** The classes that its parts must have. */
  readonly parts: Readonly<Record<string, string>>;
  readonly tokenizers: readonly string[];
}

const shared = { unet: 'UNet2DConditionModel', text_encoder: 'CLIPTextModel', vae: 'AutoencoderKL' };

const pipelines: Readonly<Record<string, Pipeline>> = {
  StableDiffusionPipeline: { type: 'stable-diffusion', parts: shared, tokenizers: ['tokenizer'] },
  StableDiffusionXLPipeline: {
    type: 'stable-diffusion-xl',
    parts: { ...shared, text_encoder_2: 'CLIPTextModelWithProjection' },
    tokenizers: ['tokenizer', 'tokenizer_2'],
  },
};

const instead = 'take the Stable Diffusion 1.x, 2.x or SDXL model that draws from a text alone';

/** Pipelines that a person may well have, and why each is another thing; the first that fits counts. */
const others: readonly (readonly [RegExp, string])[] = [
  [/Inpaint/, `is an inpainting model, whose U-Net takes the masked picture too; ${instead}`],
  [
    /Img2Img/,
    'is saved as a pipeline from picture to picture: a refiner, or a model that must be saved again as StableDiffusionPipeline or StableDiffusionXLPipeline',
  ],
  [/StableDiffusion3/, 'is Stable Diffusion 3, a transformer in the place of the U-Net, which is not done'],
  [/Flux/, 'is FLUX, a transformer in the place of the U-Net, which is not done'],
  [/ControlNet/, `holds a ControlNet, which is not done; ${instead}`],
  [/Upscale/, `is an upscaler; ${instead}`],
  [/Depth2Img/, `takes a depth map beside the text; ${instead}`],
  [/InstructPix2Pix/, `edits pictures by instructions and takes the picture too; ${instead}`],
  [/LatentConsistency/, `is distilled to a few steps (LCM), which training as usual undoes; ${instead}`],
];

const refused = (place: string, why: string): WorkbenchError =>
  new WorkbenchError('unsupported', `${place}: ${why}`);

/** Parts that say nothing of what is trained: a filter of pictures, and what feeds it. */
const ignored = new Set(['safety_checker', 'feature_extractor']);

const classOf = (value: unknown): string | null =>
  Array.isArray(value) && typeof value[1] === 'string' ? value[1] : null;

/**
 * What kind of pipeline a model_index.json is of.
 * @param place the file, for errors
 * @throws unsupported naming the pipeline, or the part, that is not done
 */
export const readPipeline = (index: PartConfig, place: string): Pipeline => {
  const name = index['_class_name'];
  const pipeline = typeof name === 'string' && Object.hasOwn(pipelines, name) ? pipelines[name] : undefined;
  if (pipeline === undefined) {
    const why = others.find(([pattern]) => pattern.test(valueText(name)))?.[1];
    throw refused(
      place,
      `_class_name ${valueText(name)} ${why ?? `is not done (done: ${Object.keys(pipelines).join(', ')})`}`,
    );
  }
  const isRefiner =
    pipeline.type === 'stable-diffusion-xl' &&
    classOf(index['text_encoder']) === null &&
    classOf(index['text_encoder_2']) !== null;
  if (isRefiner) throw refinerRefusal(place);
  for (const [part, wanted] of Object.entries(pipeline.parts)) {
    const found = classOf(index[part]);
    if (found !== wanted)
      throw refused(place, `${part} is ${valueText(found ?? index[part])}, not ${wanted}`);
  }
  for (const part of Object.keys(index)) {
    const isKnown =
      part.startsWith('_') || ignored.has(part) || part === 'scheduler' || pipeline.tokenizers.includes(part);
    if (isKnown || Object.hasOwn(pipeline.parts, part) || classOf(index[part]) === null) continue;
    throw refused(place, `the part ${part} (${classOf(index[part])}) is not known of a ${valueText(name)}`);
  }
  return pipeline;
};

/**
 * diffusers names the class of a part in the part's own config.
 * @throws unsupported for the folder of such a part
 */
export const refusePart = ({ _class_name: name, model_type: type }: PartConfig, directory: string): void => {
  if (typeof name !== 'string' || type !== undefined) return;
  if (/ControlNet|T2IAdapter/.test(name))
    throw refused(directory, `is a ${name}, which steers a model that draws and is none; ${instead}`);
  throw refused(
    directory,
    `is one part of a diffusion model (${name}); choose the folder that has model_index.json and all of its parts`,
  );
};

/** What the first layer of a U-Net takes, where it is not the four channels of a latent. */
const extraChannels: Readonly<Record<number, string>> = {
  5: 'takes a depth map beside the latent',
  7: 'takes the small picture beside the latent: it is an upscaler',
  8: 'takes a picture beside the latent: it edits pictures by instructions',
  9: 'takes a mask and the masked picture beside the latent: it is an inpainting model',
};

/** @throws unsupported for a U-Net that takes more than a latent, said by its channels */
export const checkChannels = (channels: unknown, place: string): void => {
  if (channels === 4) return;
  const why = extraChannels[Number(channels)] ?? 'is not one that draws from a text alone';
  throw refused(place, `the U-Net takes ${valueText(channels)} channels, so it ${why}; ${instead}`);
};

/** SDXL's refiner is told by the width of its text: one encoder alone. */
export const refinerRefusal = (place: string): WorkbenchError =>
  refused(place, `is SDXL's refiner, which only goes on with what the base model drew; take the base model`);
