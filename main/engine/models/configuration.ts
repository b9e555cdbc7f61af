import type { z } from 'zod';
import { WorkbenchError } from '../errors.ts';
import { checked } from '../problems.ts';

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

/** How text is generated, which older files say here too. */
const generationKeys = new Set([
  'bad_words_ids',
  'begin_suppress_tokens',
  'diversity_penalty',
  'do_sample',
  'early_stopping',
  'encoder_no_repeat_ngram_size',
  'epsilon_cutoff',
  'eta_cutoff',
  'exponential_decay_length_penalty',
  'forced_bos_token_id',
  'forced_eos_token_id',
  'length_penalty',
  'max_length',
  'max_new_tokens',
  'min_length',
  'min_new_tokens',
  'no_repeat_ngram_size',
  'num_beam_groups',
  'num_beams',
  'num_return_sequences',
  'penalty_alpha',
  'remove_invalid_values',
  'renormalize_logits',
  'repetition_penalty',
  'suppress_tokens',
  'temperature',
  'top_k',
  'top_p',
  'typical_p',
]);

/** Absent, null, false, 0 and empty mean that a feature is switched off. */
const isOff = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === undefined ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * A key that nobody knows might change the mathematics, so unless it is switched off it is refused by name.
 * @param before what the key stands after in the message: the file, and where in it
 */
export const refuseUnknown = (
  settings: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  before: string,
  whose: string,
): void => {
  for (const [key, value] of Object.entries(settings))
    if (!known.has(key) && !isOff(value))
      throw new WorkbenchError(
        'unsupported',
        `${before}${key} is set to ${JSON.stringify(value)}, which this version does not know for ${whose}`,
      );
};

/**
 * Reads the keys that an architecture knows.
 */
export const readConfiguration = <Shape extends z.ZodRawShape>(
  known: z.ZodObject<Shape>,
  config: Readonly<Record<string, unknown>>,
  place: string,
): z.output<z.ZodObject<Shape>> => {
  const own = Object.keys(config).filter((key) => key.startsWith('_'));
  refuseUnknown(
    config,
    new Set([...Object.keys(known.shape), ...neutralKeys, ...generationKeys, ...own]),
    `${place}: `,
    `${String(config['model_type'])} models`,
  );
  return checked(known, config, place);
};
