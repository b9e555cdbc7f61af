import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import type { TensorToWrite } from '../../../main/engine/formats/safetensors.ts';

export const embedding = Float32Array.of(1, -2, 0.5, 0.25, 3, 4);
export const projection = Float32Array.of(0.1, 0.2, 0.3, 0.4);

export const embeddingTensor: TensorToWrite = {
  name: 'embed.weight',
  dtype: 'F32',
  shape: [3, 2],
  data: embedding,
};
export const projectionTensor: TensorToWrite = {
  name: 'proj.weight',
  dtype: 'BF16',
  shape: [2, 2],
  data: projection,
};
export const halfTensor: TensorToWrite = {
  name: 'half.weight',
  dtype: 'F16',
  shape: [2],
  data: Float32Array.of(1, 65504),
};
export const idsTensor: TensorToWrite = { name: 'ids', dtype: 'I64', shape: [1], data: BigInt64Array.of(5n) };

const configAndTokenizer = {
  'config.json': '{"model_type": "llama", "hidden_size": 2}',
  'generation_config.json': '{}',
  'tokenizer.json': '{}',
  'tokenizer_config.json': '{}',
  'special_tokens_map.json': '{}',
  'chat_template.jinja': '{{ x }}',
  'merges.txt': '',
  LICENSE: 'free',
  'README.md': 'not carried',
};

export const writeSingleModel = (directory: string): string => {
  mkdirSync(directory, { recursive: true });
  for (const [name, contents] of Object.entries(configAndTokenizer))
    writeFileSync(join(directory, name), contents);
  const tensors = [projectionTensor, embeddingTensor, halfTensor, idsTensor];
  writeSafetensors(join(directory, 'model.safetensors'), tensors, { format: 'pt' });
  return directory;
};

export const shardNames = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;

export const writeShardedModel = (directory: string): string => {
  mkdirSync(directory, { recursive: true });
  for (const [name, contents] of Object.entries(configAndTokenizer))
    writeFileSync(join(directory, name), contents);
  writeSafetensors(join(directory, shardNames[0]), [projectionTensor, embeddingTensor], { format: 'pt' });
  writeSafetensors(join(directory, shardNames[1]), [halfTensor, idsTensor], { format: 'pt', made: 'here' });
  writeIndex(directory, {
    'proj.weight': shardNames[0],
    'embed.weight': shardNames[0],
    'half.weight': shardNames[1],
    ids: shardNames[1],
  });
  return directory;
};

export const writeIndex = (directory: string, weightMap: unknown): void => {
  const index = { metadata: { total_size: 44 }, weight_map: weightMap };
  writeFileSync(join(directory, 'model.safetensors.index.json'), JSON.stringify(index, null, 2));
};
