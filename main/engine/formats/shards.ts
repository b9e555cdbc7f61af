import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { isObject } from '../json-value.ts';
import { readJsonObject } from './json-text.ts';
import { pathIn } from './path-in.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import type { TensorLocation } from './safetensors-reader.ts';

/** A tensor as a file has it, where the model has it under another name, in parts, or not at all. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** What lies in it, one behind the other; nothing where it is a mark, without a number. */
  readonly parts: readonly StoredPart[];
}

/** A tensor of the model, which may lie there transposed, or bytes that no model reads. */
export type StoredPart =
  | { readonly of: string; readonly turned?: boolean }
  | { readonly of: null; readonly location: TensorLocation };

export interface Shard {
  /** Relative to the folder. */
  readonly fileName: string;
  /** In the order of their bytes. */
  readonly tensorNames: readonly string[];
  /** What the file holds, where that is something else than those tensors under their names. */
  readonly stored?: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Shards {
  readonly shards: readonly Shard[];
  readonly tensors: ReadonlyMap<string, TensorLocation>;
}

/** Opens safetensors files of a folder. @param index the file that names them, for errors */
export const openShards = (directory: string, fileNames: readonly string[], index: string): Shards => {
  const tensors = new Map<string, TensorLocation>();
  const shards = fileNames.map((fileName): Shard => {
    const path = pathIn(directory, fileName);
    if (!existsSync(path))
      throw new WorkbenchError('not-found', `${path}: this shard is missing; ${index} names it`);
    const header = readSafetensorsHeader(path);
    const file = realpathSync(path);
    for (const { name, dtype, shape, offset, length } of header.tensors.values()) {
      if (tensors.has(name)) throw invalidInput(`${path}: tensor ${name} is in another shard too`);
      tensors.set(name, { file, dtype, shape, offset, length });
    }
    return { fileName, tensorNames: [...header.tensors.keys()], metadata: header.metadata };
  });
  return { shards, tensors };
};

/** The files that an index names, each with what the index says that it holds. */
export const openIndexed = (directory: string, index: string): Shards => {
  const weightMap = readWeightMap(pathIn(directory, index));
  const opened = openShards(directory, [...new Set(weightMap.values())].sort(), index);
  checkPromises(directory, weightMap, opened.shards, index);
  return opened;
};

/** Tensor name -> shard file name, from the index file. */
export const readWeightMap = (path: string): Map<string, string> => {
  const { weight_map: weightMap } = readJsonObject(path);
  if (!isObject(weightMap) || Object.keys(weightMap).length === 0)
    throw invalidInput(`${path}: weight_map is missing or empty`);
  for (const [tensor, fileName] of Object.entries(weightMap)) {
    if (typeof fileName !== 'string' || fileName === '')
      throw invalidInput(`${path}: weight_map.${tensor} is not a file name`);
    if (isAbsolute(fileName) || /^[a-z]:|\\/i.test(fileName) || fileName.split('/').includes('..')) {
      throw invalidInput(`${path}: weight_map.${tensor} leads out of the folder: ${fileName}`);
    }
  }
  return new Map(Object.entries(weightMap as Record<string, string>));
};

const checkPromises = (
  directory: string,
  weightMap: ReadonlyMap<string, string>,
  shards: readonly Shard[],
  index: string,
): void => {
  const held = new Map(shards.map((shard) => [shard.fileName, new Set(shard.tensorNames)]));
  for (const [tensor, fileName] of weightMap) {
    if (held.get(fileName)!.has(tensor)) continue;
    throw invalidInput(`${join(directory, fileName)}: lacks tensor ${tensor}, which ${index} promises`);
  }
};
