import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import { checked } from '../../problems.ts';
import { openPeftFolder, peftPrefix, readSavedWeights, savedWeightTensors } from '../folder.ts';
import type { PeftContents, SavedWeight } from '../folder.ts';
import { peftDropout, peftRank, placementConfig, readTargeting, targetingSchema } from '../targeting.ts';
import type { PeftPlacement, PeftTargeting } from '../targeting.ts';
import { readTensorFloat32 } from '../../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';

/** One module's share of an AdaLoRA adapter. */
export interface AdaloraModule {
  /** As in the base model, without '.weight'. */
  readonly module: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** (rank x in) */
  readonly a: Float32Array;
  /** (out x rank) */
  readonly b: Float32Array;
  /** (rank) */
  readonly e: Float32Array;
}

/** An AdaLoRA adapter as PEFT saves it: delta W = alpha / (rank + 1e-5) B diag(E) A. Triplets that were taken away are zero. */
export interface PeftAdaloraAdapter extends PeftTargeting {
  readonly rank: number;
  readonly alpha: number;
  readonly modules: readonly AdaloraModule[];
  /** Of the modules that were trained whole. */
  readonly savedWeights: readonly SavedWeight[];
  readonly config: z.output<typeof configSchema>;
}

const ending = '.lora_A';
const share = z.number().min(0).lt(1);
const configSchema = z.object({
  init_r: peftRank,
  target_r: peftRank,
  lora_alpha: z.number(),
  lora_dropout: peftDropout,
  tinit: z.int().min(0),
  tfinal: z.int().min(0),
  deltaT: z.int().min(1),
  beta1: share,
  beta2: share,
  orth_reg_weight: z.number().min(0),
  ensure_weight_tying: z
    .literal(false, 'weights that are trained for two modules at once are read of LoRA only')
    .default(false),
  /** Which triplets are left, by the name of lora_E; only those are in the file. */
  rank_pattern: z.record(z.string(), z.array(z.boolean())).nullish(),
  ...targetingSchema.shape,
});

/** @throws WorkbenchError naming the file and the field or tensor */
export const readPeftAdalora = (directory: string): PeftAdaloraAdapter => {
  const { configPath, config: raw, header } = openPeftFolder(directory);
  const config = checked(configSchema, raw, configPath);
  const { init_r: rank, lora_alpha: alpha, rank_pattern: pattern } = config;
  const targeting = readTargeting(config);
  const shapeOf = (name: string): readonly number[] => {
    const shape = header.tensors.get(name)?.shape;
    if (shape?.length !== 2) throw invalidInput(`${header.path}: ${name} is missing or no matrix`);
    return shape;
  };
  const names = [...header.tensors.keys()]
    .filter((key) => key.startsWith(peftPrefix) && key.endsWith(ending))
    .map((key) => key.slice(peftPrefix.length, -ending.length));
  if (names.length === 0) throw invalidInput(`${header.path}: holds no AdaLoRA matrices`);
  const readModule = (module: string): AdaloraModule => {
    const [a, b, e] = ['A', 'B', 'E'].map((part) => `${peftPrefix}${module}.lora_${part}`) as [
      string,
      string,
      string,
    ];
    const [[rows, inFeatures], [outFeatures, columns], [values]] = [shapeOf(a), shapeOf(b), shapeOf(e)];
    const left = positionsLeft(pattern?.[`${module}.lora_E`], rank);
    if ([rows, columns, values].some((size) => size !== left.length))
      throw invalidInput(
        `${header.path}: module ${module}: lora_A, lora_B and lora_E don't have the rank ${left.length} of ${configPath}`,
      );
    const sizes = { outFeatures: outFeatures!, inFeatures: inFeatures! };
    const read = (name: string): Float32Array => readTensorFloat32(header, name);
    return { module, ...sizes, ...widened({ a: read(a), b: read(b), e: read(e) }, left, rank, sizes) };
  };
  return {
    ...targeting,
    rank,
    alpha,
    modules: names.map(readModule),
    savedWeights: readSavedWeights(header, targeting.modulesToSave, (key) =>
      /\.(lora_[ABE]|ranknum)$/.test(key),
    ),
    config,
  };
};

/** Of the triplets that a module has left, their numbers among all that it started with. */
const positionsLeft = (mask: readonly boolean[] | undefined, rank: number): number[] =>
  Array.from({ length: rank }, (_, at) => at).filter((at) => mask?.[at] ?? true);

type Triplets = Pick<AdaloraModule, 'a' | 'b' | 'e'>;

/** Triplets at their places among `rank`, the others zero. */
const widened = (
  { a, b, e }: Triplets,
  places: readonly number[],
  rank: number,
  { outFeatures, inFeatures }: { outFeatures: number; inFeatures: number },
): Triplets => {
  const whole: Triplets = {
    a: new Float32Array(rank * inFeatures),
    b: new Float32Array(outFeatures * rank),
    e: new Float32Array(rank),
  };
  for (const [from, to] of places.entries()) {
    whole.a.set(a.subarray(from * inFeatures, (from + 1) * inFeatures), to * inFeatures);
    whole.e[to] = e[from] as number;
    for (let row = 0; row < outFeatures; row++)
      whole.b[row * rank + to] = b[row * places.length + from] as number;
  }
  return whole;
};

export interface WritePeftAdaloraOptions
  extends PeftPlacement, Pick<PeftAdaloraAdapter, 'rank' | 'alpha' | 'modules'> {
  readonly dropout: number;
  /** The schedule, by PEFT's names. */
  readonly schedule: Pick<
    PeftAdaloraAdapter['config'],
    'target_r' | 'tinit' | 'tfinal' | 'deltaT' | 'beta1' | 'beta2' | 'orth_reg_weight'
  >;
}

/** An AdaLoRA adapter as PEFT's save_pretrained writes it, with every triplet it started with. */
export const adaloraContents = (options: WritePeftAdaloraOptions): PeftContents => {
  const { rank, alpha, modules, savedWeights, schedule } = options;
  const tensor = (name: string, shape: number[], data: Float32Array): TensorToWrite => {
    return { name: `${peftPrefix}${name}`, dtype: 'F32', shape, data };
  };
  return {
    config: {
      ...placementConfig(options),
      alpha_pattern: {},
      init_lora_weights: true,
      init_r: rank,
      lora_alpha: alpha,
      lora_dropout: options.dropout,
      peft_type: 'ADALORA',
      r: 8, // PEFT's own value: it asks for it and has no use for it
      rank_pattern: null,
      // PEFT wants room for taking triplets away, for an adapter that is trained already too.
      total_step: schedule.tinit + schedule.tfinal + 1,
      use_dora: false,
      use_rslora: false,
      ...schedule,
    },
    tensors: [
      ...modules.flatMap(({ module, outFeatures, inFeatures, a, b, e }) => [
        tensor(`${module}.lora_A`, [rank, inFeatures], a),
        tensor(`${module}.lora_B`, [outFeatures, rank], b),
        tensor(`${module}.lora_E`, [rank, 1], e),
      ]),
      ...savedWeightTensors(savedWeights),
    ],
  };
};
