import { readSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { fileError } from './file-errors.ts';
import { foreignFile, pickleRefusal } from './foreign-file.ts';
import { readJsonObject } from './json-text.ts';
import { isCheckpointName } from './diffusion/checkpoint-name.ts';
import { openCheckpointFile } from './diffusion/checkpoint-file.ts';
import { refusePart } from './diffusion/pipeline-classes.ts';
import { isPipeline, openPipelineFolder } from './diffusion/pipeline-folder.ts';
import type { ModelFolder } from './opened-folder.ts';
import { isOpenClip, openClipModelIn, openClipWeights } from './open-clip/folder.ts';
import { clipTensors } from './open-clip/tensor-names.ts';
import { withRegularFile } from './regular-file.ts';
import { pathIn } from './path-in.ts';
import { readLocationFloat32 } from './safetensors-reader.ts';
import { openIndexed, openShards, readWeightMap } from './shards.ts';

export type { ModelFolder } from './opened-folder.ts';
export type { TensorLocation } from './safetensors-reader.ts';
export type { Shard, StoredPart, StoredTensor } from './shards.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

/** @throws WorkbenchError where it is not there, or may not be looked at */
const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, 'read', path);
    throw new WorkbenchError('not-found', `${path}: no such folder`, { cause: error });
  }
};

/**
 * Opens a Hugging Face model folder with one model.safetensors or with shards named by model.safetensors.index.json, a folder that
 * diffusers saved a pipeline in, or a diffusion model that is one file.
 * Reads headers only. Locations have symbolic links resolved, so the Hub's cache layout (snapshots/... -> blobs/...) works.
 * @throws WorkbenchError 'not-found', 'invalid-input' or, for pickled weights, 'unsupported'
 */
export const openModelFolder = (directory: string): ModelFolder => {
  directory = resolve(directory);
  if (!isFolder(directory)) return openModelFile(directory);
  const files = readdirSync(directory);
  if (isPipeline(files)) return openPipelineFolder(directory);
  if (isOpenClip(files)) return openClipFolder(directory, files);
  if (!files.includes('config.json'))
    throw invalidInput(`${directory}: not a model folder: ${whyNoConfig(files)}`);
  const config = readJsonObject(pathIn(directory, 'config.json'));
  refusePart(config, directory);
  const auxiliaryFiles = [
    ...files.filter((name) => auxiliaryFile.test(name)),
    ...furtherTemplates(directory, files),
  ].sort();

  if (files.includes(singleFile)) {
    const { shards, tensors } = openShards(directory, [singleFile], indexFile);
    return { directory, config, tensors, shards, auxiliaryFiles };
  }
  if (!files.includes(indexFile)) throw missingWeights(directory, files);
  const { shards, tensors } = openIndexed(directory, indexFile);
  return { directory, config, tensors, shards, auxiliaryFiles, indexFile };
};

/** As if transformers had written it: names, config.json and preprocessor_config.json are those that its CLIP would have. */
const openClipFolder = (directory: string, files: readonly string[]): ModelFolder => {
  const { config, preprocessor } = openClipModelIn(directory);
  if (!files.includes(openClipWeights))
    throw missingWeights(directory, files, `${openClipWeights} is not there`);
  const { shards, tensors } = openShards(directory, [openClipWeights], indexFile);
  const renamed = new Map([...tensors].flatMap(([name, location]) => clipTensors(name, location)));
  const written = new Map(
    Object.entries({ 'config.json': config, 'preprocessor_config.json': preprocessor }).map(
      ([name, contents]) => [name, `${JSON.stringify(contents, null, 2)}\n`],
    ),
  );
  return {
    directory,
    config,
    tensors: renamed,
    shards: shards.map(({ metadata }) => ({
      fileName: singleFile,
      tensorNames: [...renamed.keys()],
      metadata: { format: 'pt', ...metadata },
    })),
    auxiliaryFiles: [
      ...new Set([...files.filter((name) => auxiliaryFile.test(name)), ...written.keys()]),
    ].sort(),
    rewrittenFiles: written,
  };
};

/** Where a model's config stands, for errors. */
export const configPlaceOf = ({
  directory,
  configPlace,
}: Pick<ModelFolder, 'directory' | 'configPlace'>): string => configPlace ?? join(directory, 'config.json');

/** One weight as float32, row-major in the tensor's shape. */
export const readWeight = (folder: ModelFolder, name: string): Float32Array => {
  const location = folder.tensors.get(name);
  if (location === undefined)
    throw new WorkbenchError('not-found', `${folder.directory}: the model has no weight ${name}`);
  return readLocationFloat32(location, name);
};

/**
 * The files that a folder's weights are in, as openModelFolder finds them, without opening them: one file, or an index and the shards that
 * it names (none where it cannot be read). @param files names in the folder
 */
export const weightFilesIn = (directory: string, files: readonly string[]): string[] => {
  if (isOpenClip(files)) return files.includes(openClipWeights) ? [openClipWeights] : [];
  if (files.includes(singleFile)) return [singleFile];
  if (!files.includes(indexFile)) return [];
  try {
    return [indexFile, ...new Set(readWeightMap(pathIn(directory, indexFile)).values())];
  } catch (error) {
    if (error instanceof WorkbenchError) return [indexFile];
    throw error;
  }
};

const auxiliaryFile =
  /^(config|generation_config|tokenizer.*|special_tokens_map|added_tokens|chat_template|vocab|preprocessor_config|processor_config)\.json$|^(chat_template\.jinja|tokenizer\.model|.*\.tiktoken|merges\.txt|vocab\.txt|spiece\.model|sentencepiece\.bpe\.model)$|^(LICENSE|NOTICE|USE_POLICY)(\.\w+)?$/;

const templateFolder = 'additional_chat_templates';

/** Chat templates beside the usual one, such as the one for tools. @param files names in the folder */
export const furtherTemplates = (directory: string, files: readonly string[]): string[] =>
  files.includes(templateFolder)
    ? readdirSync(join(directory, templateFolder))
        .filter((name) => name.endsWith('.jinja'))
        .map((name) => `${templateFolder}/${name}`)
    : [];

/** What PyTorch writes is a pickle, in a ZIP archive or not. */
const pickleName = /\.(bin|pt|pth|ckpt|pkl)(\.index\.json)?$/;

/** A model that is one file: a diffusion model in the original names. */
const openModelFile = (path: string): ModelFolder => {
  if (!isCheckpointName(path)) throw noFolder(path);
  return openCheckpointFile(path);
};

/** A file in the place of a folder: one that holds a model in another form is told by what it is. */
const noFolder = (path: string): WorkbenchError => {
  const found = foreignFile(startOf(path));
  if (found === null)
    return invalidInput(
      `${path}: is a file, not a model folder; of files a diffusion model's .safetensors is read`,
    );
  return new WorkbenchError(
    'unsupported',
    found.kind === 'pickle' || pickleName.test(path)
      ? `${path}: ${pickleRefusal}`
      : `${path}: is ${found.name}, and nothing is unpacked here; unpack it, see what came out, and give the folder`,
  );
};

const startOf = (path: string): Uint8Array =>
  withRegularFile(path, (file) => {
    const start = new Uint8Array(262);
    return start.subarray(0, readSync(file, start));
  });

const whyNoConfig = (files: readonly string[]): string => {
  if (files.includes('adapter_config.json'))
    return 'it holds an adapter; choose the base model it was made for';
  return files.includes('unet')
    ? 'model_index.json is missing, which names the parts of a diffusion model; fetch it too'
    : 'config.json is missing';
};

const missingWeights = (
  directory: string,
  files: readonly string[],
  wanted = `neither ${singleFile} nor ${indexFile} is there`,
): WorkbenchError => {
  const pickle = files.find((name) => pickleName.test(name));
  if (pickle === undefined) return invalidInput(`${directory}: no weights: ${wanted}`);
  return new WorkbenchError('unsupported', `${join(directory, pickle)}: ${pickleRefusal}`);
};
