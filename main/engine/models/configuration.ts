import type { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';

/** Keys of config.json that say nothing about the computation of a forward pass without dropout and cache. */
const neutralKeys = new Set([
  'architectures',
  'auto_map',
  'bos_token_id',
  'chunk_size_feed_forward',
  'dtype',
  'cache_implementation',
  'eos_token_id',
  'id2label',
  'initializer_range',
  'is_llama_config',
  'label2id',
  'language',
  'license',
  'max_position_embeddings',
  'model_type',
  'output_attentions',
  'output_hidden_states',
  'pad_token_id',
  'pretraining_tp',
  'return_dict',
  'task_specific_params',
  'tokenizer_class',
  'torch_dtype',
  'transformers.js_config',
  'transformers_version',
  'unsloth_fixed',
  'use_cache',
  'vocab_size',
]);

/** Absent, null, false, 0 and empty mean that a feature is switched off. */
const isOff = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === undefined ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * Reads the keys that an architecture knows. A key that nobody knows might change the mathematics, so unless it is switched
 * off it is refused by name.
 */
export const readConfiguration = <Shape extends z.ZodRawShape>(
  known: z.ZodObject<Shape>,
  config: Readonly<Record<string, unknown>>,
  place: string,
): z.output<z.ZodObject<Shape>> => {
  for (const [key, value] of Object.entries(config))
    if (!(key in known.shape) && !neutralKeys.has(key) && !key.startsWith('_') && !isOff(value))
      throw new WorkbenchError(
        'unsupported',
        `${place}: ${key} is set to ${JSON.stringify(value)}, which this version does not know for ${String(config['model_type'])} models`,
      );
  const parsed = known.safeParse(config);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidInput(`${place}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
};
