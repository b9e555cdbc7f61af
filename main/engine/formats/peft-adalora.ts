import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { readJsonObject } from './json-text.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import { readTensorFloat32 } from './safetensors-reader.ts';

/** An AdaLoRA adapter as PEFT saves it: delta W = alpha / (rank + 1e-5) B diag(E) A. */
export interface PeftAdaloraAdapter {
  readonly rank: number;
  readonly alpha: number;
  readonly modules: readonly {
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
  }[];
  readonly config: z.output<typeof configSchema>;
}

const prefix = 'base_model.model.';
const ending = '.lora_A';
const configSchema = z.object({
  init_r: z.int().positive(),
  target_r: z.int().positive(),
  lora_alpha: z.number().positive(),
  tinit: z.int().min(0),
  tfinal: z.int().min(0),
  deltaT: z.int().min(1),
  beta1: z.number(),
  beta2: z.number(),
  orth_reg_weight: z.number(),
});

/** @throws WorkbenchError naming the file and the field or tensor */
export function readPeftAdalora(directory: string): PeftAdaloraAdapter {
  const path = join(directory, 'adapter_config.json');
  const parsed = configSchema.safeParse(readJsonObject(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalidInput(`${path}: ${issue!.path.join('.')}: ${issue!.message}`);
  }
  const { init_r: rank, lora_alpha: alpha } = parsed.data;
  const header = readSafetensorsHeader(join(directory, 'adapter_model.safetensors'));
  const shapeOf = (name: string): readonly number[] => {
    const shape = header.tensors.get(name)?.shape;
    if (shape?.length !== 2) throw invalidInput(`${header.path}: ${name} is missing or no matrix`);
    return shape;
  };
  const modules = [...header.tensors.keys()]
    .filter((key) => key.startsWith(prefix) && key.endsWith(ending))
    .map((key) => key.slice(prefix.length, -ending.length));
  if (modules.length === 0) throw invalidInput(`${header.path}: holds no AdaLoRA matrices`);
  return {
    rank,
    alpha,
    modules: modules.map((module) => {
      const [a, b, e] = ['A', 'B', 'E'].map((part) => `${prefix}${module}.lora_${part}`) as [
        string,
        string,
        string,
      ];
      const [[rows, inFeatures], [outFeatures, columns]] = [shapeOf(a), shapeOf(b)];
      if (rows !== rank || columns !== rank)
        throw invalidInput(
          `${header.path}: module ${module}: lora_A and lora_B don't have the rank ${rank} of ${path}`,
        );
      const read = (name: string): Float32Array => readTensorFloat32(header, name);
      return {
        module,
        outFeatures: outFeatures!,
        inFeatures: inFeatures!,
        a: read(a),
        b: read(b),
        e: read(e),
      };
    }),
    config: parsed.data,
  };
}
