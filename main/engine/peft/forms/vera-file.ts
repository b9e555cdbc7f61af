import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { checked } from '../../problems.ts';
import { openPeftFolder, peftPrefix, readSavedWeights, savedWeightTensors } from '../folder.ts';
import type { PeftContents, SavedWeight } from '../folder.ts';
import { peftDropout, peftRank, placementConfig, readTargeting, targetingSchema } from '../targeting.ts';
import type { PeftPlacement, PeftTargeting } from '../targeting.ts';
import { readTensorFloat32 } from '../../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';

/** A VeRA adapter as PEFT saves it: delta W = diag(b) B[:out] diag(d) A[:, :in]. */
export interface PeftVeraAdapter extends PeftTargeting {
  readonly rank: number;
  readonly dropout: number;
  /** What lambda_d started at. */
  readonly initial: number;
  /** Of the modules that were trained whole. */
  readonly savedWeights: readonly SavedWeight[];
  readonly modules: readonly {
    /** As in the base model, without '.weight'. */
    readonly module: string;
    /** (out) */
    readonly lambdaB: Float32Array;
    /** (rank) */
    readonly lambdaD: Float32Array;
  }[];
  /** The pair that all layers share, of the largest layers' sizes: A (rank x most in), B (most out x rank), row-major. */
  readonly shared: {
    readonly a: Float32Array;
    readonly mostIn: number;
    readonly b: Float32Array;
    readonly mostOut: number;
  };
}

const ending = '.vera_lambda_b';
const configSchema = z.object({
  r: peftRank,
  vera_dropout: peftDropout,
  d_initial: z.number().default(0.1),
  ...targetingSchema.shape,
});

/** @throws WorkbenchError naming the file and the field or tensor; 'unsupported' for one saved without its projections */
export const readPeftVera = (directory: string): PeftVeraAdapter => {
  const { configPath, config: raw, header } = openPeftFolder(directory);
  const config = checked(configSchema, raw, configPath);
  const rank = config.r;
  const targeting = readTargeting(config);
  const shapeOf = (name: string): readonly number[] => {
    const shape = header.tensors.get(name)?.shape;
    if (!shape)
      throw new WorkbenchError(
        'unsupported',
        `${header.path}: ${name} is missing: the adapter was saved without its shared pair (save_projection), which only PyTorch's random numbers make again`,
      );
    return shape;
  };
  const [rows, mostIn] = shapeOf('base_model.vera_A');
  const [mostOut, columns] = shapeOf('base_model.vera_B');
  if (rows !== rank || columns !== rank || mostIn === undefined || mostOut === undefined)
    throw invalidInput(`${header.path}: vera_A and vera_B don't have the rank ${rank} of ${configPath}`);
  const modules = [...header.tensors.keys()]
    .filter((key) => key.startsWith(peftPrefix) && key.endsWith(ending))
    .map((key) => key.slice(peftPrefix.length, -ending.length));
  if (modules.length === 0) throw invalidInput(`${header.path}: holds no VeRA vectors`);
  const read = (name: string): Float32Array => readTensorFloat32(header, name);
  return {
    ...targeting,
    rank,
    dropout: config.vera_dropout,
    initial: config.d_initial,
    savedWeights: readSavedWeights(header, targeting.modulesToSave, (key) =>
      /\.(vera_[AB]|vera_lambda_[bd])$/.test(key),
    ),
    modules: modules.map((module) => ({
      module,
      lambdaB: read(`${peftPrefix}${module}${ending}`),
      lambdaD: read(`${peftPrefix}${module}.vera_lambda_d`),
    })),
    shared: { a: read('base_model.vera_A'), mostIn, b: read('base_model.vera_B'), mostOut },
  };
};

export interface WritePeftVeraOptions
  extends PeftPlacement, Pick<PeftVeraAdapter, 'rank' | 'modules' | 'shared' | 'dropout' | 'initial'> {}

/** A VeRA adapter as PEFT's save_pretrained writes it, its shared pair included. */
export const veraContents = (options: WritePeftVeraOptions): PeftContents => {
  const { rank, modules, shared, savedWeights } = options;
  const tensor = (name: string, shape: number[], data: Float32Array): TensorToWrite => {
    return { name, dtype: 'F32', shape, data };
  };
  return {
    config: {
      ...placementConfig(options),
      d_initial: options.initial,
      init_weights: true,
      peft_type: 'VERA',
      projection_prng_key: 0,
      r: rank,
      save_projection: true,
      vera_dropout: options.dropout,
    },
    tensors: [
      tensor('base_model.vera_A', [rank, shared.mostIn], shared.a),
      tensor('base_model.vera_B', [shared.mostOut, rank], shared.b),
      ...modules.flatMap(({ module, lambdaB, lambdaD }) => [
        tensor(`${peftPrefix}${module}${ending}`, [lambdaB.length], lambdaB),
        tensor(`${peftPrefix}${module}.vera_lambda_d`, [rank], lambdaD),
      ]),
      ...savedWeightTensors(savedWeights),
    ],
  };
};
