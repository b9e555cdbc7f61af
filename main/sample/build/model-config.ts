import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { modelDirectory } from './paths.ts';

export const vocabularySize = 2048;
export const maxPositions = 512;

/** A Llama of 2.0 million parameters, in the form of config.json that transformers 4 writes and 5 reads too. */
export const modelConfig = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  attention_dropout: 0,
  bos_token_id: 0,
  eos_token_id: 0,
  head_dim: 32,
  hidden_act: 'silu',
  hidden_size: 192,
  initializer_range: 0.02,
  intermediate_size: 512,
  max_position_embeddings: maxPositions,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 6,
  num_hidden_layers: 4,
  num_key_value_heads: 2,
  pad_token_id: 1,
  rms_norm_eps: 1e-5,
  rope_scaling: null,
  rope_theta: 10000,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  use_cache: true,
  vocab_size: vocabularySize,
} as const;

export type ModelConfig = typeof modelConfig;

export const generationConfig = { bos_token_id: 0, eos_token_id: 0, pad_token_id: 1 } as const;

if (import.meta.main) {
  mkdirSync(modelDirectory, { recursive: true });
  const write = (name: string, value: object): void =>
    writeFileWhole(join(modelDirectory, name), `${JSON.stringify(value, null, 2)}\n`);
  write('config.json', modelConfig);
  write('generation_config.json', generationConfig);
  console.log(`config.json, generation_config.json -> ${modelDirectory}`);
}
