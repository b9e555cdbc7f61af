import { z } from 'zod';
import { allFactors, factorKey, layerAdapter } from '../../adapters/layer/layer-adapter.ts';
import { describeAdapter } from '../../adapters/settings/adapter-settings.ts';
import { invalidInput } from '../../errors.ts';
import type { SafetensorsHeader } from '../../formats/safetensors-header.ts';
import { readTensorFloat32 } from '../../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';
import { checked } from '../../problems.ts';
import { modulesWith, peftPrefix } from '../folder.ts';
import type { PeftForm } from '../form.ts';
import { importedAdapter, layersOf, type ModuleSize } from '../imported-adapter.ts';
import { readSavedWeights, savedWeightTensors } from '../saved-weights.ts';
import { peftDropout, peftRank, placementConfig, readTargeting, targetingSchema } from '../targeting.ts';

/**
 * AdaLoRA as PEFT saves it: delta W = alpha / (rank + 1e-5) B diag(E) A, A (rank x in), B (out x rank), E (rank x 1). Triplets that were
 * taken away are not in a file of PEFT's own; here they are zeros.
 */
const endings = { lora_A: '.lora_A', lora_B: '.lora_B', lora_E: '.lora_E' } as const;
type Part = keyof typeof endings;
const parts = Object.keys(endings) as readonly Part[];
const isPart = (key: string): boolean => /\.(lora_[ABE]|ranknum)$/.test(key);

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

/** One module's share of a file: which triplets it has left, and where its numbers stand. */
interface FoundModule extends ModuleSize {
  /** Numbers of the triplets, among all that the module started with. */
  readonly left: readonly number[];
}

const read: PeftForm['read'] = ({ configPath, config: raw, header }, layers) => {
  const config = checked(configSchema, raw, configPath);
  const { init_r: rank, rank_pattern: pattern } = config;
  const targeting = readTargeting(config);
  const names = modulesWith(header, endings.lora_A);
  if (names.length === 0) throw invalidInput(`${header.path}: holds no AdaLoRA matrices`);
  const modules = names.map((module): FoundModule => {
    const shapes = parts.map((part) => shapeOf(header, `${peftPrefix}${module}${endings[part]}`));
    const [[rows, inFeatures], [outFeatures, columns], [values]] = shapes as [number[], number[], number[]];
    const left = positionsLeft(pattern?.[`${module}.lora_E`], rank);
    if ([rows, columns, values].some((size) => size !== left.length))
      throw invalidInput(
        `${header.path}: module ${module}: lora_A, lora_B and lora_E don't have the rank ${left.length} of ${configPath}`,
      );
    return { module, outFeatures: outFeatures!, inFeatures: inFeatures!, left };
  });
  const byModule = new Map(modules.map((one) => [one.module, one]));
  return importedAdapter(
    {
      settings: {
        method: 'adalora',
        rank,
        alpha: config.lora_alpha,
        dropout: config.lora_dropout,
        targetRank: config.target_r,
        initialSteps: config.tinit,
        finalSteps: config.tfinal,
        everySteps: config.deltaT,
        beta1: config.beta1,
        beta2: config.beta2,
        orthogonality: config.orth_reg_weight,
      },
      targeting,
      adapted: layersOf(modules, layers),
      savedWeights: readSavedWeights(header, targeting.modulesToSave, isPart),
      numbers: ({ module }) => {
        const { left, outFeatures, inFeatures } = byModule.get(module)!;
        const numbersOf = (part: Part): Float32Array =>
          readTensorFloat32(header, `${peftPrefix}${module}${endings[part]}`);
        return {
          lora_A: () => rowsAt(numbersOf('lora_A'), left, rank, inFeatures),
          lora_B: () => columnsAt(numbersOf('lora_B'), left, rank, outFeatures),
          lora_E: () => rowsAt(numbersOf('lora_E'), left, rank, 1),
        };
      },
    },
    layers,
  );
};

const shapeOf = ({ tensors, path }: SafetensorsHeader, name: string): readonly number[] => {
  const shape = tensors.get(name)?.shape;
  if (shape?.length !== 2) throw invalidInput(`${path}: ${name} is missing or no matrix`);
  return shape;
};

/** Of the triplets that a module has left, their numbers among all that it started with. */
const positionsLeft = (mask: readonly boolean[] | undefined, rank: number): number[] =>
  Array.from({ length: rank }, (_, at) => at).filter((at) => mask?.[at] ?? true);

/** Rows at their places among `rank`, the others zero. */
const rowsAt = (
  rows: Float32Array,
  places: readonly number[],
  rank: number,
  columns: number,
): Float32Array => {
  const whole = new Float32Array(rank * columns);
  for (const [from, to] of places.entries())
    whole.set(rows.subarray(from * columns, (from + 1) * columns), to * columns);
  return whole;
};

/** Columns at their places among `rank`, the others zero. */
const columnsAt = (
  columns: Float32Array,
  places: readonly number[],
  rank: number,
  rows: number,
): Float32Array => {
  const whole = new Float32Array(rows * rank);
  for (const [from, to] of places.entries())
    for (let row = 0; row < rows; row++)
      whole[row * rank + to] = columns[row * places.length + from] as number;
  return whole;
};

/** Every triplet that it started with is written. PEFT has one rank and one alpha for all modules: null where ours differ. */
const write: PeftForm['write'] = ({ settings, layers, values }, placement) => {
  if (settings.method !== 'adalora') return null;
  const description = describeAdapter(settings);
  const { rank, alpha } = settings;
  const usual = alpha / (rank + 1e-5);
  const adapters = layers.map((layer) => layerAdapter(description, layer));
  if (!adapters.every((adapter) => adapter.rank === rank && adapter.scaling === usual)) return null;
  const tensorsAt = ({ module, outFeatures, inFeatures }: ModuleSize, at: number): TensorToWrite[] => {
    const shapes: Readonly<Record<Part, number[]>> = {
      lora_A: [rank, inFeatures],
      lora_B: [outFeatures, rank],
      lora_E: [rank, 1],
    };
    const factors = new Map(allFactors(adapters[at]!).map((factor) => [factor.name, factor]));
    return parts.map((part) => ({
      name: `${peftPrefix}${module}${endings[part]}`,
      dtype: 'F32',
      shape: shapes[part],
      data: values.get(factorKey(module, factors.get(part)!)) as Float32Array,
    }));
  };
  return {
    config: {
      ...placementConfig(placement),
      alpha_pattern: {},
      init_lora_weights: true,
      init_r: rank,
      lora_alpha: alpha,
      lora_dropout: settings.dropout,
      peft_type: 'ADALORA',
      r: 8, // PEFT's own value: it asks for it and has no use for it
      rank_pattern: null,
      // PEFT wants room for taking triplets away, for an adapter that is trained already too.
      total_step: settings.initialSteps + settings.finalSteps + 1,
      use_dora: false,
      use_rslora: false,
      target_r: settings.targetRank,
      tinit: settings.initialSteps,
      tfinal: settings.finalSteps,
      deltaT: settings.everySteps,
      beta1: settings.beta1,
      beta2: settings.beta2,
      orth_reg_weight: settings.orthogonality,
    },
    tensors: [...layers.flatMap(tensorsAt), ...savedWeightTensors(placement.savedWeights)],
  };
};

export const adalora: PeftForm = { onAnyLayer: false, read, write };
