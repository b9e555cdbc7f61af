import { expect, test } from 'vitest';
import { readArchitecture } from '../../../main/engine/models/architectures/index.ts';
import { refusedInTime } from '../../support/refused-in-time.ts';

const llama = {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  vocab_size: 32,
  max_position_embeddings: 64,
};

test.each([
  ['num_hidden_layers', 1_000_000, 'config.json: num_hidden_layers: expected at most 2,000, not 1000000'],
  ['hidden_size', 1e12, 'config.json: hidden_size: expected at most'],
  ['head_dim', 16_000_000, 'config.json: heads of 16000000 numbers; 16,384 can be read'],
  ['num_attention_heads', 2 ** 40, 'config.json: num_attention_heads: expected at most'],
])('%s of %d', (key, value, told) => {
  refusedInTime(() => readArchitecture({ ...llama, [key]: value }, 'config.json'), told);
});

test.each([
  'gpt2',
  'bert',
  'roberta',
  'qwen2',
  'qwen3',
  'gemma2',
  'gemma3_text',
  'mistral',
  'phi3',
  'olmo2',
  'smollm3',
])('a million layers of %s', (type) => {
  const key = type === 'gpt2' ? 'n_layer' : 'num_hidden_layers';
  expect(() => readArchitecture({ model_type: type, [key]: 1_000_000 }, 'config.json')).toThrow(
    `${key}: expected at most 2,000, not 1000000`,
  );
});
