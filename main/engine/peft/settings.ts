import { WorkbenchError } from '../errors.ts';
import { isOff } from '../json-value.ts';

/**
 * Settings of adapter_config.json that are read, or that change nothing of what a saved adapter computes: how it was found or started,
 * how PEFT's training held its memory, who wrote it.
 */
const known = new Set([
  'alpha_pattern',
  'auto_mapping',
  'base_model_name_or_path',
  'beta1',
  'beta2',
  'corda_config',
  'd_initial',
  'deltaT',
  'ensure_weight_tying',
  'eva_config',
  'exclude_modules',
  'fan_in_fan_out',
  'inference_mode',
  'init_lora_weights',
  'init_r',
  'init_weights',
  'layers_pattern',
  'layers_to_transform',
  'loftq_config',
  'lora_alpha',
  'lora_dropout',
  'lora_ga_config',
  'megatron_core',
  'modules_to_save',
  'orth_reg_weight',
  'peft_type',
  'peft_version',
  'projection_prng_key',
  'qalora_group_size',
  'r',
  'rank_pattern',
  'revision',
  'runtime_config',
  'save_projection',
  'target_modules',
  'target_r',
  'task_type',
  'tfinal',
  'tinit',
  'total_step',
  'use_dora',
  'use_rslora',
  'velora_config',
  'vera_dropout',
]);

/** What the settings that are refused would mean, for those that PEFT is known to have. */
const meanings: Readonly<Record<string, string>> = {
  alora_invocation_tokens: 'the adapter acts from certain tokens on only',
  arrow_config: 'a router chooses between adapters',
  bias: 'biases were trained with the adapter',
  kasa_config: 'the base model lost its smallest singular values',
  layer_replication: 'layers of the base model are used several times',
  lora_bias: 'the low-rank product has a bias',
  megatron_config: 'layers are split over machines',
  monteclora_config: 'the adapter is drawn anew on every pass',
  target_parameters: 'parameters are adapted that are no layer of their own',
  trainable_token_indices: 'rows of the embedding were trained with the adapter',
  use_bdlora: 'its matrices are block-diagonal',
  use_qalora: 'inputs are pooled before the adapter sees them',
};

/** PEFT's word of its own for off (of biases) is 'none'. */
const isOffInPeft = (value: unknown): boolean => value === 'none' || isOff(value);

/**
 * Refuses what would make an adapter compute something else than is read from it: a setting that is on and not known here.
 * @throws WorkbenchError 'unsupported' naming the file and the setting
 */
export const refuseForeignSettings = (config: Readonly<Record<string, unknown>>, path: string): void => {
  const foreign = Object.keys(config).find((key) => !known.has(key) && !isOffInPeft(config[key]));
  if (foreign === undefined) return;
  const why = meanings[foreign] ?? 'not a setting that is known here';
  throw new WorkbenchError(
    'unsupported',
    `${path}: ${foreign} is ${JSON.stringify(config[foreign])}: ${why}, which cannot be read`,
  );
};
