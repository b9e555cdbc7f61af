import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { readJsonObject } from './json-text.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import { readTensorFloat32 } from './safetensors-reader.ts';

/** A VeRA adapter as PEFT saves it: delta W = diag(b) B[:out] diag(d) A[:, :in]. */
export interface PeftVeraAdapter {
  readonly rank: number;
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

const prefix = 'base_model.model.';
const ending = '.vera_lambda_b';
const configSchema = z.object({ r: z.int().positive() });

/** @throws WorkbenchError naming the file and the field or tensor; 'unsupported' for one saved without its projections */
export function readPeftVera(directory: string): PeftVeraAdapter {
  const path = join(directory, 'adapter_config.json');
  const parsed = configSchema.safeParse(readJsonObject(path));
  if (!parsed.success) throw invalidInput(`${path}: r: ${parsed.error.issues[0]!.message}`);
  const rank = parsed.data.r;
  const header = readSafetensorsHeader(join(directory, 'adapter_model.safetensors'));
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
    throw invalidInput(`${header.path}: vera_A and vera_B don't have the rank ${rank} of ${path}`);
  const modules = [...header.tensors.keys()]
    .filter((key) => key.startsWith(prefix) && key.endsWith(ending))
    .map((key) => key.slice(prefix.length, -ending.length));
  if (modules.length === 0) throw invalidInput(`${header.path}: holds no VeRA vectors`);
  const read = (name: string): Float32Array => readTensorFloat32(header, name);
  return {
    rank,
    modules: modules.map((module) => ({
      module,
      lambdaB: read(`${prefix}${module}${ending}`),
      lambdaD: read(`${prefix}${module}.vera_lambda_d`),
    })),
    shared: { a: read('base_model.vera_A'), mostIn, b: read('base_model.vera_B'), mostOut },
  };
}
