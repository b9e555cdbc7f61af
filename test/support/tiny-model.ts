import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '../../main/engine/formats/safetensors-writer.ts';
import { root } from './paths.ts';

const [vocabulary, hidden, intermediate, layers] = [2048, 16, 32, 2];

const config = {
  model_type: 'llama',
  hidden_size: hidden,
  intermediate_size: intermediate,
  num_hidden_layers: layers,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: vocabulary,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
};

/** Folder of a Llama of 40 thousand random weights with the sample model's tokenizer. `changes` go into its config.json. */
export const writeTinyModel = (
  directory: string,
  changes: Readonly<Record<string, unknown>> = {},
): string => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...config, ...changes }));
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(root, 'main/sample/model', name), join(directory, name));
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [vocabulary, hidden]]]);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes.set(`${prefix}.self_attn.q_proj.weight`, [hidden, hidden]);
    shapes.set(`${prefix}.self_attn.k_proj.weight`, [hidden / 2, hidden]);
    shapes.set(`${prefix}.self_attn.v_proj.weight`, [hidden / 2, hidden]);
    shapes.set(`${prefix}.self_attn.o_proj.weight`, [hidden, hidden]);
    shapes.set(`${prefix}.mlp.gate_proj.weight`, [intermediate, hidden]);
    shapes.set(`${prefix}.mlp.up_proj.weight`, [intermediate, hidden]);
    shapes.set(`${prefix}.mlp.down_proj.weight`, [hidden, intermediate]);
    shapes.set(`${prefix}.input_layernorm.weight`, [hidden]);
    shapes.set(`${prefix}.post_attention_layernorm.weight`, [hidden]);
  }
  shapes.set('model.norm.weight', [hidden]);
  writeSafetensors(
    join(directory, 'model.safetensors'),
    [...shapes].map(([name, shape]) => ({ name, dtype: 'F32', shape, data: valuesOf(shape) })),
  );
  return directory;
};

/** Norms are near one, matrices near zero: the same on every call. */
const valuesOf = (shape: readonly number[]): Float32Array => {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from(
    { length: count },
    (_, index) => (shape.length === 1 ? 1 : 0) + 0.1 * Math.sin(index * 12.9898 + count),
  );
};
