import type { TensorLocation } from './safetensors-reader.ts';
import type { Shard } from './shards.ts';

/** A model as Hugging Face lays it out on disk: config.json, weights in safetensors files, the tokenizer's files. */
export interface ModelFolder {
  /** Absolute. Of a model that is one file, the file. */
  readonly directory: string;
  /** config.json as it stands, or what stands for it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The model is one file. */
  readonly isOneFile?: true;
  /** Where that is read from, for errors, where it isn't config.json. */
  readonly configPlace?: string;
  /** All tensors, in the order of the shards and, within each, of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  readonly shards: readonly Shard[];
  /** Names of the files other than weights that belong to the model: config, tokenizer, chat template, license. Sorted. */
  readonly auxiliaryFiles: readonly string[];
  /** 'model.safetensors.index.json' for a sharded model. */
  readonly indexFile?: string;
  /** What a person should know of how it was read. */
  readonly notices?: readonly string[];
  /** Contents of auxiliary files that are other than on the disk, by name. */
  readonly rewrittenFiles?: ReadonlyMap<string, string>;
}
