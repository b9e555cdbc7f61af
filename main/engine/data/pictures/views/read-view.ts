import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { readJsonObject } from '../../../formats/json-text.ts';
import { isOpenClip, openClipConfig, openClipModelIn } from '../../../formats/open-clip/folder.ts';
import { pathIn } from '../../../formats/path-in.ts';
import { refuseUnknown } from '../../../formats/unknown-keys.ts';
import { isObject } from '../../../json-value.ts';
import { checked } from '../../../problems.ts';
import type { FilterName } from '../resample/filter-names.ts';
import { clipView, siglipView, sizeOfView, vitView, type PictureView } from './picture-view.ts';

const side = z.int().min(1).max(4096);
const size = z
  .union([side, z.strictObject({ shortest_edge: side }), z.strictObject({ height: side, width: side })])
  .nullish();
const cropSize = z
  .union([
    side.transform((edge) => ({ height: edge, width: edge })),
    z.strictObject({ height: side, width: side }),
  ])
  .nullish();
const number = z.number();
const channels = z
  .union([
    z.tuple([number, number, number]),
    number.transform((one): [number, number, number] => [one, one, one]),
  ])
  .nullish();
const flag = z.boolean().nullish();

const schema = z.looseObject({
  do_resize: flag,
  size,
  resample: z.int().nullish(),
  do_center_crop: flag,
  default_to_square: flag,
  crop_size: cropSize,
  do_rescale: flag,
  rescale_factor: number.positive().nullish(),
  do_normalize: flag,
  image_mean: channels,
  image_std: channels,
});

/** Pillow's numbers for its filters. */
const filterNumbers: ReadonlyMap<number, FilterName> = new Map([
  [1, 'lanczos'],
  [2, 'bilinear'],
  [3, 'bicubic'],
]);

/** What a processor does that says nothing else, by its class, new and old. */
const defaults: Readonly<Record<string, PictureView>> = {
  CLIPImageProcessor: clipView,
  CLIPImageProcessorFast: clipView,
  CLIPFeatureExtractor: clipView,
  SiglipImageProcessor: siglipView,
  SiglipImageProcessorFast: siglipView,
  ViTImageProcessor: vitView,
  ViTImageProcessorFast: vitView,
  ViTFeatureExtractor: vitView,
  // DINOv2's, which says nothing else than CLIP's of what its file leaves out.
  BitImageProcessor: clipView,
  BitImageProcessorFast: clipView,
};

/** Read above, or without a meaning for the values: every picture becomes RGB, and arrays are laid out as the engine wants them. */
const known = new Set([
  ...Object.keys(schema.shape),
  'image_processor_type',
  'feature_extractor_type',
  'processor_class',
  'do_convert_rgb',
  'data_format',
  'input_data_format',
  'return_tensors',
  'device',
  'disable_grouping',
  'use_fast',
  '_valid_processor_keys',
]);

/**
 * How a model's folder says that it sees pictures: preprocessor_config.json, or its part of processor_config.json.
 * @param side what the model takes, in pixels, as its configuration says; null where it takes squares of any size
 * @throws WorkbenchError naming the file and the field that is wrong, or not done here
 */
export const readView = (folder: string, side: number | null): PictureView => {
  const { settings, place, centre } = readSettings(folder);
  const own = viewOf(settings, place);
  const view = centre ? { ...own, centre } : own;
  const { width, height } = sizeOfView(view);
  const taken = side ?? width;
  if (width === taken && height === taken) return view;
  const takes = side === null ? 'squares' : `${side} x ${side} (image_size in config.json)`;
  throw invalidInput(`${place}: makes pictures of ${width} x ${height} pixels, and the model takes ${takes}`);
};

interface FoundSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly place: string;
  /** Where it is another than the class's. */
  readonly centre?: PictureView['centre'];
}

const readSettings = (folder: string): FoundSettings => {
  // open_clip cuts with torchvision.
  if (existsSync(folder) && isOpenClip(readdirSync(folder)))
    return {
      settings: openClipModelIn(folder).preprocessor,
      place: join(folder, openClipConfig),
      centre: 'even',
    };
  const alone = pathIn(folder, 'preprocessor_config.json');
  if (existsSync(alone)) return { settings: readJsonObject(alone), place: alone };
  const shared = pathIn(folder, 'processor_config.json');
  const part = existsSync(shared) ? readJsonObject(shared)['image_processor'] : undefined;
  if (isObject(part)) return { settings: part, place: `${shared}: image_processor` };
  throw new WorkbenchError(
    'not-found',
    `${folder}: nothing says how the model sees pictures: copy preprocessor_config.json from where it is from, to ${join(folder, 'preprocessor_config.json')}`,
  );
};

/** @param place the file, for errors */
export const viewOf = (settings: Readonly<Record<string, unknown>>, place: string): PictureView => {
  const type = settings['image_processor_type'] ?? settings['feature_extractor_type'];
  const base = typeof type === 'string' && Object.hasOwn(defaults, type) ? defaults[type] : undefined;
  if (base === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${place}: image_processor_type: is ${JSON.stringify(type) ?? 'missing'}; those of CLIP, SigLIP and DINO are read (CLIPImageProcessor, SiglipImageProcessor, ViTImageProcessor, BitImageProcessor)`,
    );
  refuseUnknown(settings, known, `${place}: `, 'image processors');
  const given = checked(schema, settings, place);
  if (given.do_resize === false)
    throw new WorkbenchError('unsupported', `${place}: do_resize: is off; pictures must come to one size`);
  const resize = resizeOf(given, base, place);
  const crop = (given.do_center_crop ?? base.crop !== null) ? (given.crop_size ?? base.crop) : null;
  const least = resize.kind === 'exact' ? resize : { width: resize.edge, height: resize.edge };
  if (crop === null && resize.kind !== 'exact')
    throw new WorkbenchError(
      'unsupported',
      `${place}: size: keeps the aspect and nothing is cut off (do_center_crop), so pictures would differ in size`,
    );
  if (crop !== null && (crop.width > least.width || crop.height > least.height))
    throw new WorkbenchError(
      'unsupported',
      `${place}: crop_size: ${crop.width} x ${crop.height} is more than the ${least.width} x ${least.height} that it is cut out of; no borders are added`,
    );
  return {
    resize,
    crop,
    centre: base.centre,
    scale: given.do_rescale === false ? 1 : (given.rescale_factor ?? base.scale),
    ...normalisationOf(given, base, place),
  };
};

type Given = z.output<typeof schema>;

const resizeOf = (
  { size, resample, default_to_square: square }: Given,
  base: PictureView,
  place: string,
): PictureView['resize'] => {
  const filter =
    resample === undefined || resample === null ? base.resize.filter : filterNumbers.get(resample);
  if (filter === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${place}: resample: is ${resample}; 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are done`,
    );
  if (size === undefined || size === null) return { ...base.resize, filter };
  // One number is a square's side, or the shorter side's, as the class has it.
  if (typeof size === 'number')
    return (square ?? base.resize.kind === 'exact')
      ? { kind: 'exact', width: size, height: size, filter }
      : { kind: 'shortest-edge', edge: size, filter };
  return 'shortest_edge' in size
    ? { kind: 'shortest-edge', edge: size.shortest_edge, filter }
    : { kind: 'exact', width: size.width, height: size.height, filter };
};

const normalisationOf = (
  { do_normalize, image_mean, image_std }: Given,
  base: PictureView,
  place: string,
): Pick<PictureView, 'mean' | 'deviation'> => {
  if (do_normalize === false) return { mean: [0, 0, 0], deviation: [1, 1, 1] };
  const deviation = image_std ?? base.deviation;
  if (deviation.some((one) => one <= 0)) throw invalidInput(`${place}: image_std: must be more than 0`);
  return { mean: image_mean ?? base.mean, deviation };
};
