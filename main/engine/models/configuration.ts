import { valueText } from '../json-value.ts';
import type { z } from 'zod';
import { refuseUnknown } from '../formats/unknown-keys.ts';
import { checked } from '../problems.ts';

/** Keys of config.json that say nothing about the computation of a forward pass without dropout and cache. */
const neutralKeys = new Set([
  'architectures',
  'auto_map',
  'bos_token_id',
  'chunk_size_feed_forward',
  'decoder_start_token_id',
  'dtype',
  'cache_implementation',
  'eos_token_id',
  'finetuning_task',
  'id2label',
  'initializer_range',
  'keys_to_ignore_at_inference',
  'is_llama_config',
  'label2id',
  'language',
  'license',
  'max_position_embeddings',
  'model_type',
  'output_attentions',
  'output_hidden_states',
  'output_past',
  'pad_token_id',
  // OpenAI's first code: GPT-2's files have it still.
  'predict_special_tokens',
  'pretraining_tp',
  'return_dict',
  'return_dict_in_generate',
  'sep_token_id',
  // The window as Gemma 2 was first configured; sliding_window is what is read.
  'sliding_window_size',
  'task_specific_params',
  'tokenizer_class',
  'tokenizer_name',
  'torch_dtype',
  'torchscript',
  'transformers.js_config',
  'transformers_version',
  'use_bfloat16',
  'use_cache',
  'vocab_size',
]);

/**
 * Keys that say who wrote a file, or by which kernels it was computed, by rule: new ones keep coming. A rule says what the value looks
 * like too, so that no size and no factor passes for such a mark. No configuration class of transformers computes with these names.
 */
const writersMarks: readonly { readonly key: RegExp; readonly value: (value: unknown) => boolean }[] = [
  // transformers' own attributes: _name_or_path, _commit_hash, _attn_implementation
  { key: /^_/, value: () => true },
  // unsloth_version, peft_version: a version's number, with a dot in it
  { key: /_version$/, value: (value) => typeof value === 'string' && /^v?\d+\.\d[\w.+-]*$/.test(value) },
  // unsloth_fixed and its like
  { key: /^unsloth_/, value: (value) => typeof value === 'boolean' || typeof value === 'string' },
  // use_flash_attention, use_flash_attn_2, use_memory_efficient_attention, attn_implementation, gradient_checkpointing
  {
    key: /^(use_(flash|memory_efficient|xformers|sdpa)_?att(ention|n)\w*|flash_att(ention|n)\w*|attn_implementation|(use_)?gradient_checkpointing)$/,
    value: (value) => typeof value === 'boolean' || typeof value === 'string',
  },
];

const isWritersMark = (name: string, value: unknown): boolean =>
  writersMarks.some((mark) => mark.key.test(name) && mark.value(value));

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

/** Reads the keys that an architecture knows. */
export const readConfiguration = <Shape extends z.ZodRawShape>(
  known: z.ZodObject<Shape>,
  config: Readonly<Record<string, unknown>>,
  place: string,
): z.output<z.ZodObject<Shape>> => {
  const marks = Object.keys(config).filter((key) => isWritersMark(key, config[key]));
  refuseUnknown(
    config,
    new Set([...Object.keys(known.shape), ...neutralKeys, ...generationKeys, ...marks]),
    `${place}: `,
    `${valueText(config['model_type'])} models`,
  );
  return checked(known, config, place);
};
