import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { ModelFolder } from '../opened-folder.ts';
import { readSafetensorsHeader } from '../safetensors-header.ts';
import type { TensorLocation } from '../safetensors-reader.ts';
import type { StoredPart, StoredTensor } from '../shards.ts';
import { checkpointConfiguration, predictionNotices } from './checkpoint-configuration.ts';
import { droppedKeys, originalTensors } from './checkpoint-tensors.ts';

/** Names that older user interfaces wrote otherwise, as all others have them. */
const usualName = (name: string): string =>
  name.replace(
    /^cond_stage_model\.transformer\.(embeddings|encoder|final_layer_norm)\./,
    'cond_stage_model.transformer.text_model.$1.',
  );

/**
 * A model of all its parts in one file in the original names, as Civitai has them, opened as if it were the pipeline's folder: the same
 * tensors by the same names. Only the header is read, and, of SD 2.x, one bias.
 * @throws WorkbenchError naming the file and what it holds instead, or a tensor that nobody knows
 */
export const openCheckpointFile = (path: string): ModelFolder => {
  const header = readSafetensorsHeader(path);
  const file = realpathSync(path);
  const raw = new Map<string, TensorLocation>(
    [...header.tensors.values()].map(({ name, dtype, shape, offset, length }) => [
      name,
      { file, dtype, shape, offset, length },
    ]),
  );
  const found = new Map([...raw].map(([name, location]) => [usualName(name), location]));
  const config = checkpointConfiguration(found, header.metadata, path);
  const nameTensor = originalTensors(config);
  const tensors = new Map<string, TensorLocation>();
  const stored = [...raw].flatMap(([name, location]): StoredTensor[] => {
    const named = nameTensor(usualName(name), location);
    if (named === null)
      throw new WorkbenchError(
        'unsupported',
        `${path}: holds ${name}, which a ${config.model_type} model does not have; without it this would be another model`,
      );
    for (const [ours, where] of named) {
      if (tensors.has(ours)) throw invalidInput(`${path}: ${name} is there twice, under another name too`);
      tensors.set(ours, where);
    }
    if (droppedKeys.test(name)) return [];
    const parts: StoredPart[] =
      named.length === 0
        ? [{ of: null, location }]
        : named.map(([of, { turned }]) => ({ of, ...(turned === true && { turned }) }));
    return [{ name, shape: location.shape, parts }];
  });
  return {
    directory: path,
    isOneFile: true,
    config,
    notices: predictionNotices(config, header.metadata),
    configPlace: path,
    tensors,
    shards: [
      { fileName: basename(path), tensorNames: [...tensors.keys()], stored, metadata: header.metadata },
    ],
    auxiliaryFiles: [],
  };
};
