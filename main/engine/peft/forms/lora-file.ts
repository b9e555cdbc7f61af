import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { WriteDirectoryOptions } from '../../formats/atomic-file.ts';
import {
  openPeftFolder,
  peftConfigFile,
  peftPrefix,
  readSavedWeights,
  savedWeightTensors,
  writePeftFolder,
} from '../folder.ts';
import type { PeftContents, SavedWeight } from '../folder.ts';
import { peftDropout, peftRank, placementConfig, readTargeting, targetingSchema } from '../targeting.ts';
import type { PeftPlacement, PeftTargeting } from '../targeting.ts';
import type { SafetensorsHeader } from '../../formats/safetensors-header.ts';
import { checked } from '../../problems.ts';
import { readTensorFloat32 } from '../../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';

/** The low-rank pair of one module: its weight (out x in) gains scaling * B A. */
export interface LoraTensors {
  /** As in the base model, without '.weight': 'model.layers.0.self_attn.q_proj'. */
  readonly module: string;
  /** r x in, row-major. */
  readonly loraA: Float32Array;
  /** out x r, row-major. */
  readonly loraB: Float32Array;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** DoRA's magnitude vector (out). */
  readonly magnitude?: Float32Array;
  /** Of an embedding, whose weight lies as (in x out); its tensors have names of their own. */
  readonly isEmbedding?: boolean;
}

export interface LoraModule extends LoraTensors {
  readonly rank: number;
  readonly alpha: number;
  /** alpha / rank, or alpha / sqrt(rank) with rsLoRA. */
  readonly scaling: number;
}

export interface PeftLoraAdapter extends PeftTargeting {
  readonly baseModel: string | null;
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
  readonly useRslora: boolean;
  readonly useDora: boolean;
  readonly fanInFanOut: boolean;
  /** init_lora_weights as a word: 'true' for the usual start. */
  readonly initialisation: string;
  /**
   * The adapter belongs to a base whose weights its initialization changed (PiSSA, OLoRA, CorDA, ...): on the original weights
   * it means something else.
   */
  readonly needsResidualBase: boolean;
  readonly modules: readonly LoraModule[];
  /** Of the modules that were trained whole. */
  readonly savedWeights: readonly SavedWeight[];
  /** ensure_weight_tying: what is trained of a weight that two modules share is trained for both. */
  readonly tiesWeights: boolean;
  /** adapter_config.json as it stands. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface WritePeftLoraOptions
  extends
    WriteDirectoryOptions,
    Pick<PeftPlacement, 'baseModel' | 'targetModules'>,
    Partial<Omit<PeftPlacement, 'baseModel' | 'targetModules'>> {
  readonly directory: string;
  readonly rank: number;
  readonly alpha: number;
  readonly tensors: readonly LoraTensors[];
  readonly tiesWeights?: boolean;
  /** Rank or alpha of modules that differ, by the end of the module's name. */
  readonly rankPattern?: Readonly<Record<string, number>>;
  readonly alphaPattern?: Readonly<Record<string, number>>;
  readonly useRslora?: boolean;
  readonly dropout?: number;
  /** init_lora_weights; true where it does not matter. */
  readonly initialisation?: string | true;
  readonly metadata?: PeftContents['metadata'];
  readonly extraFiles?: PeftContents['extraFiles'];
}

/** A LoRA (or DoRA, where magnitudes are given) as PEFT's save_pretrained writes it. */
export const loraContents = (
  options: Omit<WritePeftLoraOptions, 'directory' | 'replaceExisting'>,
): PeftContents => {
  const { tensors, savedWeights = [], metadata = {}, extraFiles = [] } = options;
  for (const each of tensors) checkRank(options, each);
  return {
    config: configOf(options),
    tensors: [...tensors.flatMap(tensorsOf), ...savedWeightTensors(savedWeights)],
    metadata,
    extraFiles,
  };
};

/** Writes a LoRA adapter folder. */
export const writePeftLora = async ({
  directory,
  replaceExisting = false,
  ...options
}: WritePeftLoraOptions): Promise<void> =>
  writePeftFolder(directory, loraContents(options), { replaceExisting });

/**
 * Reads a PEFT LoRA adapter folder: LoRA, rsLoRA, DoRA, and methods that save LoRA's keys.
 * @throws WorkbenchError naming the file and the field or tensor; 'unsupported' for other methods and for parts of LoRA that don't
 *   come down to a low-rank pair
 */
export const readPeftLora = (directory: string): PeftLoraAdapter => {
  const { configPath, config: raw, header } = openPeftFolder(directory);
  if (raw['peft_type'] !== 'LORA') {
    throw new WorkbenchError(
      'unsupported',
      `${configPath}: peft_type is ${String(raw['peft_type'])}; only LORA adapters can be read`,
    );
  }
  const config = checked(configSchema, raw, configPath);
  const targeting = readTargeting(config);
  const isPart = (key: string): boolean => endingOf(key) !== undefined && key.startsWith(peftPrefix);
  const savedWeights = readSavedWeights(header, targeting.modulesToSave, isPart);
  const modules = [...groupByModule([...header.tensors.keys()].filter(isPart))].map(([module, names]) =>
    readModule(header, module, names, config),
  );
  if (modules.length === 0) throw invalidInput(`${header.path}: holds no LoRA tensors`);
  return {
    ...targeting,
    baseModel: config.base_model_name_or_path,
    rank: config.r,
    alpha: config.lora_alpha,
    dropout: config.lora_dropout,
    useRslora: config.use_rslora,
    useDora: config.use_dora,
    fanInFanOut: config.fan_in_fan_out,
    initialisation: String(config.init_lora_weights ?? true),
    needsResidualBase:
      typeof config.init_lora_weights === 'string' && changesBase.test(config.init_lora_weights),
    modules,
    savedWeights,
    tiesWeights: config.ensure_weight_tying,
    config: raw,
  };
};

/** The values of init_lora_weights with which PEFT takes something from the base. */
const changesBase = /^(pissa|olora|corda|lora_ga|loftq|kasa)/;

const patternOf = (value: z.ZodType<number>) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((pattern) => pattern ?? {});

const configSchema = z.object({
  r: peftRank,
  /** Zero adds nothing, and below it the product is taken away. */
  lora_alpha: z.number(),
  base_model_name_or_path: z
    .string()
    .nullish()
    .transform((name) => name ?? null),
  lora_dropout: peftDropout,
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  fan_in_fan_out: z.boolean().default(false),
  ensure_weight_tying: z.boolean().default(false),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
  ...targetingSchema.shape,
  rank_pattern: patternOf(peftRank),
  alpha_pattern: patternOf(z.number()),
});

type PeftConfig = z.infer<typeof configSchema>;

/** The parts of a module's LoRA by the ends of their keys. */
const parts = {
  '.lora_A.weight': 'loraA',
  '.lora_B.weight': 'loraB',
  '.lora_embedding_A': 'loraA',
  '.lora_embedding_B': 'loraB',
  '.lora_magnitude_vector': 'magnitude',
} as const;

type Part = (typeof parts)[keyof typeof parts];

const endingOf = (key: string): keyof typeof parts | undefined =>
  (Object.keys(parts) as (keyof typeof parts)[]).find((ending) => key.endsWith(ending));

/** @param keys each with an ending of `parts` */
const groupByModule = (keys: readonly string[]): Map<string, Partial<Record<Part, string>>> => {
  const groups = new Map<string, Partial<Record<Part, string>>>();
  for (const key of keys) {
    const ending = endingOf(key)!;
    const module = key.slice(peftPrefix.length, -ending.length);
    groups.set(module, { ...groups.get(module), [parts[ending]]: key });
  }
  return groups;
};

const readModule = (
  header: SafetensorsHeader,
  module: string,
  names: Partial<Record<Part, string>>,
  config: PeftConfig,
): LoraModule => {
  const place = `${header.path}: module ${module}`;
  if (names.loraA === undefined || names.loraB === undefined) {
    throw invalidInput(`${place}: its lora_${names.loraA === undefined ? 'A' : 'B'} is missing`);
  }
  const [shapeA, shapeB] = [names.loraA, names.loraB].map((name) => header.tensors.get(name)!.shape);
  const rank = matchPattern(config.rank_pattern, module) ?? config.r;
  const alpha = matchPattern(config.alpha_pattern, module) ?? config.lora_alpha;
  if (shapeA?.length !== 2 || shapeB?.length !== 2 || shapeA[0] !== rank || shapeB[1] !== rank) {
    throw invalidInput(
      `${place}: lora_A [${shapeA!.join(', ')}] and lora_B [${shapeB!.join(', ')}] don't have the rank ${rank} of ${peftConfigFile}`,
    );
  }
  if (config.use_dora && names.magnitude === undefined)
    throw invalidInput(`${place}: its lora_magnitude_vector is missing`);
  return {
    module,
    loraA: readTensorFloat32(header, names.loraA),
    loraB: readTensorFloat32(header, names.loraB),
    inFeatures: shapeA[1]!,
    outFeatures: shapeB[0]!,
    ...(names.magnitude !== undefined && { magnitude: readTensorFloat32(header, names.magnitude) }),
    ...(names.loraA.endsWith('.lora_embedding_A') && { isEmbedding: true }),
    rank,
    alpha,
    scaling: config.use_rslora ? alpha / Math.sqrt(rank) : alpha / rank,
  };
};

/** PEFT's rule: the first key that, as a regular expression, is the whole module name or its end from a dot on. */
const matchPattern = (pattern: Readonly<Record<string, number>>, module: string): number | undefined =>
  Object.entries(pattern).find(([key]) => {
    try {
      return new RegExp(`^(?:.*\\.)?(?:${key})$`).test(module);
    } catch (error) {
      throw invalidInput(
        `${peftConfigFile}: "${key}" in rank_pattern or alpha_pattern is not a regular expression`,
        { cause: error },
      );
    }
  })?.[1];

const checkRank = (
  options: Pick<WritePeftLoraOptions, 'rank' | 'rankPattern'>,
  { module, loraA, loraB, inFeatures, outFeatures }: LoraTensors,
): void => {
  const rank = matchPattern(options.rankPattern ?? {}, module) ?? options.rank;
  if (loraA.length === rank * inFeatures && loraB.length === outFeatures * rank) return;
  throw new TypeError(
    `${module}: ${loraA.length} and ${loraB.length} values for a ${outFeatures} x ${inFeatures} LoRA of rank ${rank}`,
  );
};

const tensorsOf = ({
  module,
  loraA,
  loraB,
  inFeatures,
  outFeatures,
  magnitude,
  isEmbedding = false,
}: LoraTensors): TensorToWrite[] => {
  const tensor = (ending: keyof typeof parts, shape: number[], data: Float32Array): TensorToWrite => ({
    name: `${peftPrefix}${module}${ending}`,
    dtype: 'F32',
    shape,
    data,
  });
  return [
    tensor(
      isEmbedding ? '.lora_embedding_A' : '.lora_A.weight',
      [loraA.length / inFeatures, inFeatures],
      loraA,
    ),
    tensor(
      isEmbedding ? '.lora_embedding_B' : '.lora_B.weight',
      [outFeatures, loraB.length / outFeatures],
      loraB,
    ),
    ...(magnitude === undefined ? [] : [tensor('.lora_magnitude_vector', [outFeatures], magnitude)]),
  ];
};

const configOf = (
  options: Omit<WritePeftLoraOptions, 'directory' | 'replaceExisting'>,
): Record<string, unknown> => ({
  ...placementConfig({
    modulesToSave: [],
    savedWeights: [],
    fanInFanOut: false,
    ...options,
    taskType: options.taskType === undefined ? 'CAUSAL_LM' : options.taskType,
  }),
  alpha_pattern: options.alphaPattern ?? {},
  // Only where it says something: PEFT before 0.18 does not know the key.
  ...(options.tiesWeights ? { ensure_weight_tying: true } : {}),
  init_lora_weights: options.initialisation ?? true,
  lora_alpha: options.alpha,
  lora_dropout: options.dropout ?? 0,
  peft_type: 'LORA',
  r: options.rank,
  rank_pattern: options.rankPattern ?? {},
  use_dora: options.tensors.some(({ magnitude }) => magnitude !== undefined),
  use_rslora: options.useRslora ?? false,
});
