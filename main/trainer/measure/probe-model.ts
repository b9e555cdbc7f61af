import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '../../engine/formats/safetensors-writer.ts';
import { createRandom } from '../../engine/random.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';

const [vocabulary, hidden, intermediate] = [32, 8, 16];

const config = {
  model_type: 'llama',
  hidden_size: hidden,
  intermediate_size: intermediate,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: vocabulary,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
};

const layer = 'model.layers.0';
const shapes: Readonly<Record<string, readonly number[]>> = {
  'model.embed_tokens.weight': [vocabulary, hidden],
  [`${layer}.self_attn.q_proj.weight`]: [hidden, hidden],
  [`${layer}.self_attn.k_proj.weight`]: [hidden / 2, hidden],
  [`${layer}.self_attn.v_proj.weight`]: [hidden / 2, hidden],
  [`${layer}.self_attn.o_proj.weight`]: [hidden, hidden],
  [`${layer}.mlp.gate_proj.weight`]: [intermediate, hidden],
  [`${layer}.mlp.up_proj.weight`]: [intermediate, hidden],
  [`${layer}.mlp.down_proj.weight`]: [hidden, intermediate],
  [`${layer}.input_layernorm.weight`]: [hidden],
  [`${layer}.post_attention_layernorm.weight`]: [hidden],
  'model.norm.weight': [hidden],
};

/** A Llama of a thousand random weights, small enough to be made wherever a device is tried out. */
export const writeProbeModel = (directory: string): string => {
  makeFolder(directory);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  const random = createRandom(1);
  writeSafetensors(
    join(directory, 'model.safetensors'),
    Object.entries(shapes).map(([name, shape]) => ({
      name,
      dtype: 'F32' as const,
      shape: [...shape],
      data: Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => (shape.length === 1 ? 1 : 0) + random.uniform() - 0.5,
      ),
    })),
  );
  return directory;
};
