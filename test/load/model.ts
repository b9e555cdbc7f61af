import { copyFileSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArchitecture } from '../../main/engine/models/architectures/index.ts';
import { listWeights } from '../../main/engine/models/model.ts';
import { elementCount } from '../../main/engine/formats/tensor-dtype.ts';
import { root } from '../support/paths.ts';
import type { Load } from './load.ts';
import {
  askRepeatedly,
  highestBytes,
  inMiB,
  inMilliseconds,
  inSeconds,
  residentBytes,
  timed,
} from './measure.ts';

/** A Llama of 25 billion weights: 50 GB of them. */
const config = {
  model_type: 'llama',
  hidden_size: 6144,
  intermediate_size: 20_480,
  num_hidden_layers: 50,
  num_attention_heads: 48,
  num_key_value_heads: 8,
  vocab_size: 2048,
  max_position_embeddings: 4096,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};

/** Its weights are zeros that the disk does not have: a file with a hole. */
const writeSparseModel = (directory: string): number => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(root, 'main/sample/model', name), join(directory, name));
  const { weightShapes } = listWeights(readArchitecture(config, 'config.json'));
  let end = 0;
  const entries = [...weightShapes].map(([name, shape]) => {
    const begin = end;
    end += 2 * elementCount(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const path = join(directory, 'model.safetensors');
  writeFileSync(path, Buffer.concat([length, header]));
  truncateSync(path, 8 + header.length + end);
  return statSync(path).size;
};

export const model: Load = {
  name: 'model',
  what: 'a model of 50 GB in one safetensors file, imported while others are answered',
  run: async ({ workbench, path }) => {
    const bytes = writeSparseModel(path('large'));
    const before = residentBytes(workbench.pid);
    const asked = askRepeatedly(() => workbench.call('experiments.list', {}), 50);
    const [, importing] = await timed(() => workbench.call('models.import', { directory: path('large') }));
    const others = await asked.stop();
    return [
      ['bytes', `${(bytes / 1e9).toFixed(1)} GB`],
      ['imported', `${inSeconds(importing)}, ${(bytes / 1e6 / importing).toFixed(2)} GB/s`],
      ['others meanwhile (experiments.list)', inMilliseconds(others)],
      ['memory of the server, before and at most', `${inMiB(before)}, ${inMiB(highestBytes(workbench.pid))}`],
    ];
  },
};
