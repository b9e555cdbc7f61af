import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors, type TensorToWrite } from '../../main/engine/formats/safetensors.ts';

/** One module's pair, A (rank x in) and B (out x rank). */
export interface LoraModule {
  readonly module: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly loraA: Float32Array;
  readonly loraB: Float32Array;
  readonly magnitude?: Float32Array;
}

export interface LoraFolder {
  readonly modules: readonly LoraModule[];
  /** Of adapter_config.json, over what every one has. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Weights of the base that were trained whole, by its names. */
  readonly weights?: readonly {
    readonly name: string;
    readonly shape: number[];
    readonly data: Float32Array;
  }[];
}

const prefix = 'base_model.model.';

const tensorsOf = ({
  module,
  inFeatures,
  outFeatures,
  loraA,
  loraB,
  magnitude,
}: LoraModule): TensorToWrite[] => {
  const tensor = (ending: string, shape: number[], data: Float32Array): TensorToWrite => {
    return { name: `${prefix}${module}.${ending}`, dtype: 'F32', shape, data };
  };
  return [
    tensor('lora_A.weight', [loraA.length / inFeatures, inFeatures], loraA),
    tensor('lora_B.weight', [outFeatures, loraB.length / outFeatures], loraB),
    ...(magnitude ? [tensor('lora_magnitude_vector', [outFeatures], magnitude)] : []),
  ];
};

/** Writes a LoRA as PEFT's files have it, by PEFT's own names and none of the workbench's code for them. Returns the directory. */
export const writeLoraFolder = (
  directory: string,
  { modules, config = {}, weights = [] }: LoraFolder,
): string => {
  mkdirSync(directory, { recursive: true });
  const [first] = modules;
  const usual = {
    peft_type: 'LORA',
    r: first ? first.loraA.length / first.inFeatures : 8,
    lora_alpha: 8,
    lora_dropout: 0,
    init_lora_weights: true,
    bias: 'none',
    target_modules: modules.map(({ module }) => module),
    task_type: null,
  };
  writeFileSync(join(directory, 'adapter_config.json'), JSON.stringify({ ...usual, ...config }, null, 2));
  const whole = weights.map(({ name, ...weight }): TensorToWrite => {
    return { name: `${prefix}${name}`, dtype: 'F32', ...weight };
  });
  const tensors = [...modules.flatMap(tensorsOf), ...whole].sort((a, b) => (a.name < b.name ? -1 : 1));
  writeSafetensors(join(directory, 'adapter_model.safetensors'), tensors, { format: 'pt' });
  return directory;
};
