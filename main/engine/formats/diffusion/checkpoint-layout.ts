import { WorkbenchError } from '../../errors.ts';
import type { ModelFolder } from '../opened-folder.ts';
import { openClipPlace } from '../open-clip/tensor-names.ts';
import type { StoredPart, StoredTensor } from '../shards.ts';
import { checkpointConfiguration } from './checkpoint-configuration.ts';
import { isDiffusionConfig, type DiffusionConfig, type PartConfig } from './configuration.ts';
import { modelSpecification } from './model-specification.ts';
import {
  originalTexts,
  renamer,
  unetModules,
  unetPrefix,
  vaeModules,
  vaePrefix,
  type OriginalText,
} from './original-modules.ts';

interface Place {
  readonly name: string;
  readonly turned?: boolean;
  /** Which third of a fused tensor. */
  readonly third?: number | null;
  /** A convolution of 1 x 1 in the original code. */
  readonly isKernel?: boolean;
}

const attention = /\.mid_block\.attentions\.0\.(to_q|to_k|to_v|to_out\.0)\.weight$/;

const placeIn = (config: DiffusionConfig): ((name: string) => Place | null) => {
  const [unet, vae] = [renamer(unetModules(config.unet), 'ours'), renamer(vaeModules(config.vae), 'ours')];
  const texts = new Map<string, OriginalText>(originalTexts(config).map((text) => [text.part, text]));
  const under = (prefix: string, name: string | null, further: Partial<Place> = {}): Place | null =>
    name === null ? null : { name: `${prefix}.${name}`, ...further };
  return (name) => {
    const at = name.indexOf('.');
    const [part, path] = [name.slice(0, at), name.slice(at + 1)];
    if (part === 'unet') return under(unetPrefix, unet(path));
    if (part === 'vae') return under(vaePrefix, vae(path), { isKernel: attention.test(path) });
    const text = texts.get(part)!;
    if (text.code === 'transformers') return under(text.prefix, path);
    const place = openClipPlace(path);
    return place && under(text.prefix, place.name, { turned: place.turned, third: place.third });
  };
};

/** Marks of SDXL by which programs know what a file predicts: tensors without a number. */
const marks = ({ model_type: type, scheduler }: DiffusionConfig): StoredTensor[] => {
  const names = [
    ...(scheduler['prediction_type'] === 'v_prediction' ? ['v_pred'] : []),
    ...(scheduler['rescale_betas_zero_snr'] === true ? ['ztsnr'] : []),
  ];
  return type === 'stable-diffusion-xl' ? names.map((name) => ({ name, shape: [0], parts: [] })) : [];
};

/** Programs know of a single file what its shapes say, and take the rest to be as in the published models: as the reader here does. */
const assertTold = (
  config: DiffusionConfig,
  stored: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>>,
  place: string,
): void => {
  const shapes = new Map(
    [...stored, ...marks(config)].map(({ name, shape }) => [
      name,
      { file: '', dtype: 'F32' as const, shape, offset: 0, length: 0 },
    ]),
  );
  const told = checkpointConfiguration(shapes, metadata, place);
  for (const part of comparedParts) {
    const [own, other] = [config[part], told[part]] as [PartConfig | undefined, PartConfig | undefined];
    for (const [key, value] of Object.entries(other ?? {})) {
      const mine = own?.[key];
      if (mine === undefined || mine === null || ofNoConsequence.has(key)) continue;
      if (spread(mine) === spread(value)) continue;
      throw new WorkbenchError(
        'unsupported',
        `${place}: ${part}: ${key} is ${JSON.stringify(mine)}, and programs take a single file of these shapes to have ${JSON.stringify(value)}; export merged weights as a folder`,
      );
    }
  }
};

const comparedParts = ['unet', 'text_encoder', 'text_encoder_2', 'vae', 'scheduler'] as const;

/** Who wrote a file and for what size; tokens, which the vocabulary has; how a sampler goes, which is chosen anew. */
const ofNoConsequence = new Set([
  ...['_class_name', 'architectures', 'model_type', 'sample_size', 'projection_dim'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id'],
  ...['clip_sample', 'set_alpha_to_one', 'skip_prk_steps', 'steps_offset', 'timestep_spacing'],
]);

/** One number for all levels is the same as a list of it. */
const spread = (value: unknown): string =>
  Array.isArray(value) && new Set(value).size === 1 ? JSON.stringify(value[0]) : JSON.stringify(value);

const thirds = ({ parts }: StoredTensor): number => parts.flatMap((one?: StoredPart) => one ?? []).length;

/**
 * A pipeline laid out as one file in the original names, which user interfaces load: the same tensors, to be written in another form.
 * @throws unsupported where the original code has no place for a tensor
 */
export const asCheckpoint = (folder: ModelFolder, fileName: string): ModelFolder => {
  const { config, tensors, directory } = folder;
  if (!isDiffusionConfig(config)) throw new Error(`${directory} is not a diffusion model`);
  const placeOf = placeIn(config);
  const stored = new Map<string, StoredTensor>();
  // Queries, keys and values come in any order: until all are there, parts are missing.
  const dtypesOf = (parts: readonly (StoredPart | undefined)[]): unknown[] =>
    parts.flatMap((one) => (one?.of === undefined || one.of === null ? [] : [tensors.get(one.of)!.dtype]));
  for (const [of, { shape, dtype }] of tensors) {
    const place = placeOf(of);
    if (place === null)
      throw new WorkbenchError(
        'unsupported',
        `${directory}: ${of} has no name in the original code's files; export a folder`,
      );
    const { name, turned = false, third = null, isKernel = false } = place;
    const part: StoredPart = { of, ...(turned && { turned }) };
    const before = stored.get(name);
    if (third === null) {
      const inFile = turned ? shape.toReversed() : isKernel ? [...shape, 1, 1] : shape;
      stored.set(name, { name, shape: inFile, parts: [part] });
      continue;
    }
    const [rows = 0, ...others] = shape;
    const parts = [...(before?.parts ?? [])];
    parts[third] = part;
    if (dtypesOf(parts).some((other) => other !== dtype))
      throw new WorkbenchError(
        'unsupported',
        `${directory}: ${of} is ${dtype}, and what lies beside it in ${name} is not; export a folder`,
      );
    stored.set(name, { name, shape: [3 * rows, ...others], parts });
  }
  const fused = [...stored.values()].find(
    (one) => /in_proj_(weight|bias)$/.test(one.name) && thirds(one) !== 3,
  );
  if (fused !== undefined) throw new Error(`${fused.name} lacks one of queries, keys and values`);
  const laidOut = [...stored.values()];
  const metadata = { format: 'pt', ...modelSpecification(config) };
  assertTold(config, laidOut, metadata, directory);
  return {
    directory,
    isOneFile: true,
    config,
    configPlace: folder.configPlace ?? directory,
    tensors,
    shards: [
      {
        fileName,
        tensorNames: [...tensors.keys()],
        stored: [...laidOut, ...marks(config)],
        metadata,
      },
    ],
    auxiliaryFiles: [],
  };
};
