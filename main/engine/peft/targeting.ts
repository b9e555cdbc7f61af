import { z } from 'zod';
import type { SavedWeight } from './saved-weights.ts';

/** Which modules an adapter was put on, as its configuration says it. Its tensors say it too, module by module. */
export interface PeftTargeting {
  readonly targetModules: readonly string[] | string | null;
  readonly excludeModules: readonly string[] | string;
  readonly layersToTransform: readonly number[] | null;
  /** Names of modules that were trained whole. */
  readonly modulesToSave: readonly string[];
}

const names = z.union([z.string(), z.array(z.string())]);
const layer = z.int().min(0);

/** The same bounds as ranks have in settings of the workbench. */
export const peftRank = z.int().min(1).max(65536);
/** PyTorch takes no more, and takes zero and below for none. */
export const peftDropout = z.number().max(1).default(0);

export const targetingSchema = z.object({
  target_modules: names.nullish(),
  exclude_modules: names.nullish(),
  layers_to_transform: z.union([layer, z.array(layer)]).nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});

export const readTargeting = (config: z.output<typeof targetingSchema>): PeftTargeting => ({
  targetModules: config.target_modules ?? null,
  excludeModules: config.exclude_modules ?? [],
  layersToTransform:
    config.layers_to_transform === null || config.layers_to_transform === undefined
      ? null
      : [config.layers_to_transform].flat(),
  modulesToSave: config.modules_to_save ?? [],
});

/** What a configuration that is written says besides the method's own settings. */
export interface PeftPlacement {
  readonly baseModel: string | null;
  readonly targetModules: readonly string[];
  readonly modulesToSave: readonly string[];
  /** Of the modules that were trained whole. */
  readonly savedWeights: readonly SavedWeight[];
  /** Whether the weights trained whole are each for all modules that share it, which LoRA alone can say. */
  readonly tiesWeights: boolean;
  /** True for GPT-2, whose base weights are stored in x out; A and B have the same shapes as ever. */
  readonly fanInFanOut: boolean;
  /** 'CAUSAL_LM', 'SEQ_CLS'; null loads as a plain model. */
  readonly taskType: string | null;
}

export const placementConfig = (placement: Omit<PeftPlacement, 'tiesWeights'>): Record<string, unknown> => ({
  auto_mapping: null,
  base_model_name_or_path: placement.baseModel,
  bias: 'none',
  fan_in_fan_out: placement.fanInFanOut,
  inference_mode: true,
  layers_pattern: null,
  layers_to_transform: null,
  modules_to_save: placement.modulesToSave.length > 0 ? placement.modulesToSave : null,
  revision: null,
  target_modules: placement.targetModules,
  task_type: placement.taskType,
});
