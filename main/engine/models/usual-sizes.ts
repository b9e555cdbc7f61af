/** Sizes of Llama's relatives. */
const decoder = (
  vocab_size: number,
  hidden_size: number,
  intermediate_size: number,
  num_hidden_layers: number,
  num_attention_heads: number,
  max_position_embeddings: number,
  rms_norm_eps = 1e-6,
) => ({
  vocab_size,
  hidden_size,
  intermediate_size,
  num_hidden_layers,
  num_attention_heads,
  max_position_embeddings,
  rms_norm_eps,
});

const encoder = (vocab_size: number) => ({
  vocab_size,
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  max_position_embeddings: 512,
  type_vocab_size: 2,
});

/** What transformers 5.24 takes for a size that a config.json leaves out, by `model_type`. */
const sizes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  llama: decoder(32_000, 4096, 11_008, 32, 32, 2048),
  mistral: decoder(32_000, 4096, 14_336, 32, 32, 131_072),
  qwen2: decoder(151_936, 4096, 22_016, 32, 32, 32_768),
  qwen3: decoder(151_936, 4096, 22_016, 32, 32, 32_768),
  smollm3: decoder(128_256, 2048, 11_008, 36, 16, 32_768),
  phi3: decoder(32_064, 3072, 8192, 32, 32, 4096, 1e-5),
  gemma2: decoder(256_000, 2304, 9216, 26, 8, 8192),
  gemma3_text: decoder(262_208, 2304, 9216, 26, 8, 131_072),
  gpt2: { vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 },
  bert: encoder(30_522),
  roberta: encoder(50_265),
};

export const usualSizes = ({
  model_type: type,
}: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> => sizes[String(type)] ?? {};
