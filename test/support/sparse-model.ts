import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTinyModel } from './tiny-model.ts';

/** Folder of a tiny model whose MLPs are so wide that its weights take about so many bytes: zeros, which take no room on the disk. */
export const writeSparseModel = (directory: string, bytes: number): string => {
  const [vocabulary, hidden, layers] = [2048, 16, 2];
  const intermediate = Math.ceil(bytes / (layers * 3 * hidden * 4));
  writeTinyModel(directory, { intermediate_size: intermediate });
  const shapes: [string, number[]][] = [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ['model.norm.weight', [hidden]],
  ];
  for (let layer = 0; layer < layers; layer++)
    for (const [name, shape] of Object.entries({
      'self_attn.q_proj': [hidden, hidden],
      'self_attn.k_proj': [hidden / 2, hidden],
      'self_attn.v_proj': [hidden / 2, hidden],
      'self_attn.o_proj': [hidden, hidden],
      'mlp.gate_proj': [intermediate, hidden],
      'mlp.up_proj': [intermediate, hidden],
      'mlp.down_proj': [hidden, intermediate],
      input_layernorm: [hidden],
      post_attention_layernorm: [hidden],
    }))
      shapes.push([`model.layers.${layer}.${name}.weight`, shape]);
  let offset = 0;
  const header = Object.fromEntries(
    shapes.map(([name, shape]) => {
      const start = offset;
      offset += 4 * shape.reduce((product, size) => product * size, 1);
      return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }];
    }),
  );
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = join(directory, 'model.safetensors');
  rmSync(file);
  writeFileSync(file, Buffer.concat([length, padded]));
  truncateSync(file, statSync(file).size + offset);
  return directory;
};
