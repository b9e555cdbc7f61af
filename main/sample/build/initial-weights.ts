import { createRandom } from '../../engine/random.ts';
import { modelConfig } from './model-config.ts';

export interface InitialTensor {
  /** (out x in) for the weight of a linear layer, as in Hugging Face files. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Fresh weights under Hugging Face's names, in the model's order. Normal with deviation 0.02, norms 1; the projections that write into
 * the residual stream have 0.02 / sqrt(2 L), since each of the L layers adds to it twice (GPT-2, section 2.3). The head is tied.
 */
export const initialWeights = (
  seed: number,
  config: typeof modelConfig = modelConfig,
): Map<string, InitialTensor> => {
  const {
    hidden_size: hidden,
    intermediate_size: intermediate,
    head_dim: headDim,
    num_hidden_layers: layers,
  } = config;
  const queries = config.num_attention_heads * headDim;
  const keys = config.num_key_value_heads * headDim;
  const deviation = config.initializer_range;
  const residual = deviation / Math.sqrt(2 * layers);

  const weights = new Map<string, InitialTensor>();
  const normal = (name: string, rows: number, columns: number, scale: number = deviation): void => {
    const random = createRandom(seed, weights.size);
    const data = Float32Array.from({ length: rows * columns }, () => scale * random.normal());
    weights.set(`model.${name}.weight`, { shape: [rows, columns], data });
  };
  const ones = (name: string): void => {
    weights.set(`model.${name}.weight`, { shape: [hidden], data: new Float32Array(hidden).fill(1) });
  };

  normal('embed_tokens', config.vocab_size, hidden);
  for (let layer = 0; layer < layers; layer++) {
    ones(`layers.${layer}.input_layernorm`);
    normal(`layers.${layer}.self_attn.q_proj`, queries, hidden);
    normal(`layers.${layer}.self_attn.k_proj`, keys, hidden);
    normal(`layers.${layer}.self_attn.v_proj`, keys, hidden);
    normal(`layers.${layer}.self_attn.o_proj`, hidden, queries, residual);
    ones(`layers.${layer}.post_attention_layernorm`);
    normal(`layers.${layer}.mlp.gate_proj`, intermediate, hidden);
    normal(`layers.${layer}.mlp.up_proj`, intermediate, hidden);
    normal(`layers.${layer}.mlp.down_proj`, hidden, intermediate, residual);
  }
  ones('norm');
  return weights;
};
