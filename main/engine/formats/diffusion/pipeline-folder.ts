import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { pickleRefusal } from '../foreign-file.ts';
import { readJsonObject } from '../json-text.ts';
import type { ModelFolder } from '../opened-folder.ts';
import type { ModelFileName } from '../model-file-name.ts';
import { pathIn } from '../path-in.ts';
import type { TensorLocation } from '../safetensors-reader.ts';
import { openIndexed, openShards, readWeightMap, type Shard, type Shards } from '../shards.ts';
import { weightParts, type PartConfig, type WeightPart } from './configuration.ts';
import { currentName } from './current-names.ts';
import { checkChannels, readPipeline, refinerRefusal } from './pipeline-classes.ts';

/*
 * A pipeline as diffusers saves one: model_index.json names the parts, each of which is a folder with its own config and weights.
 */

export const pipelineIndex = 'model_index.json';

export const isPipeline = (files: readonly string[]): boolean => files.includes(pipelineIndex);

const pickles = /\.(bin|pt|pth|ckpt|pkl)(\.index\.json)?$/;

/** What diffusers and transformers call a part's weights: whole or by an index, in full or, where only that is there, in half precision. */
const weightsIn = (part: WeightPart, files: readonly string[]): { file: string; isIndex: boolean } | null => {
  const stem = part === 'unet' || part === 'vae' ? 'diffusion_pytorch_model' : 'model';
  const forms = [
    { file: `${stem}.safetensors`, isIndex: false },
    { file: `${stem}.safetensors.index.json`, isIndex: true },
    { file: `${stem}.fp16.safetensors`, isIndex: false },
    { file: `${stem}.safetensors.index.fp16.json`, isIndex: true },
    { file: `${stem}.fp16.safetensors.index.json`, isIndex: true },
  ];
  return forms.find(({ file }) => files.includes(file)) ?? null;
};

const filesIn = (directory: string, part: string): string[] => {
  const folder = pathIn(directory, part);
  return existsSync(folder) ? readdirSync(folder) : [];
};

const openWeights = (directory: string, part: WeightPart): Shards => {
  const files = filesIn(directory, part);
  const found = weightsIn(part, files);
  const folder = join(directory, part);
  if (found !== null)
    return found.isIndex ? openIndexed(folder, found.file) : openShards(folder, [found.file], part);
  const pickle = files.find((name) => pickles.test(name));
  if (pickle !== undefined)
    throw new WorkbenchError('unsupported', `${join(folder, pickle)}: ${pickleRefusal}`);
  throw invalidInput(`${folder}: no weights: there is no safetensors file of this part`);
};

const openPart = (directory: string, part: WeightPart): Shards => {
  const opened = openWeights(directory, part);
  const tensors = new Map<string, TensorLocation>();
  const shards = opened.shards.map(({ fileName, tensorNames, metadata }): Shard => {
    const stored = tensorNames.map((name) => {
      const location = opened.tensors.get(name)!;
      const current = currentName(part, name, location);
      if (current === null) return { name, shape: location.shape, parts: [{ of: null, location }] };
      const of = `${part}.${current[0]}`;
      if (tensors.has(of))
        throw invalidInput(`${location.file}: ${name} is there twice, under an older name too`);
      tensors.set(of, current[1]);
      return { name, shape: location.shape, parts: [{ of }] };
    });
    const names = stored.flatMap(({ parts }) => parts.flatMap(({ of }) => of ?? []));
    return { fileName: `${part}/${fileName}`, tensorNames: names, stored, metadata };
  });
  return { shards, tensors };
};

/** @throws invalid-input for one whose folder is not there, whatever is to be read of it */
export const assertPart = (directory: string, part: string): void => {
  const folder = join(directory, part);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw missing(folder, `the folder ${part}`);
};

const missing = (place: string, what: string): WorkbenchError =>
  invalidInput(
    `${place}: this part of the pipeline is missing; a download has to be whole: fetch ${what} too`,
  );

const partConfig = (directory: string, part: string, file = 'config.json'): PartConfig => {
  const place = pathIn(directory, `${part}/${file}`);
  if (!existsSync(place)) throw missing(join(directory, part, file), `${part}/${file}`);
  return readJsonObject(place);
};

const tokenizerFile =
  /^(vocab|tokenizer|tokenizer_config|special_tokens_map|added_tokens)\.json$|^merges\.txt$/;

const schedulerFile = 'scheduler_config.json';

/**
 * Opens a pipeline's folder: the tensors of all parts under the part's name, and one config of theirs. Only headers are read.
 * @throws WorkbenchError naming the file, and for a pipeline or part that is not done 'unsupported' with what to do
 */
export const openPipelineFolder = (directory: string): ModelFolder => {
  const place = pathIn(directory, pipelineIndex);
  const index = readJsonObject(place);
  const { type, parts, tokenizers } = readPipeline(index, place);
  const present = weightParts.filter((part) => Object.hasOwn(parts, part));
  for (const part of [...present, 'scheduler']) assertPart(directory, part);
  const { force_zeros_for_empty_prompt: zeros } = index;
  const config = {
    model_type: type,
    ...Object.fromEntries(present.map((part) => [part, partConfig(directory, part)])),
    scheduler: partConfig(directory, 'scheduler', schedulerFile),
    ...(typeof zeros === 'boolean' && { force_zeros_for_empty_prompt: zeros }),
  };
  const unet = (config as unknown as Readonly<Record<'unet', PartConfig>>).unet;
  checkChannels(unet['in_channels'], join(directory, 'unet/config.json'));
  if (type === 'stable-diffusion-xl' && unet['cross_attention_dim'] === 1280) throw refinerRefusal(directory);
  const opened = present.map((part) => openPart(directory, part));
  return {
    directory,
    config,
    configPlace: place,
    tensors: new Map(opened.flatMap(({ tensors }) => [...tensors])),
    shards: opened.flatMap(({ shards }) => shards),
    auxiliaryFiles: auxiliaryFiles(directory, present, tokenizers),
    ...(Object.hasOwn(index, 'safety_checker') && {
      rewrittenFiles: new Map([[pipelineIndex, withoutFilter(index)]]),
    }),
  };
};

/** An export has no filter of pictures; diffusers would look for it where the index names one. */
const withoutFilter = (index: PartConfig): string =>
  `${JSON.stringify({ ...index, safety_checker: [null, null], requires_safety_checker: false }, null, 2)}\n`;

/** All that an export hands on as it is: configs, indexes, tokenizers, licences. */
const auxiliaryFiles = (
  directory: string,
  parts: readonly WeightPart[],
  tokenizers: readonly string[],
): string[] => {
  const named = (part: string, keep: (name: string) => boolean): string[] =>
    filesIn(directory, part)
      .filter(keep)
      .map((name) => `${part}/${name}`);
  return [
    pipelineIndex,
    ...readdirSync(directory).filter((name) => /^(LICENSE|NOTICE|USE_POLICY)(\.\w+)?$/.test(name)),
    ...parts.flatMap((part) => {
      const weights = weightsIn(part, filesIn(directory, part));
      return named(
        part,
        (name) => name === 'config.json' || (weights?.isIndex === true && name === weights.file),
      );
    }),
    ...named('scheduler', (name) => name === schedulerFile),
    ...tokenizers.flatMap((part) => named(part, (name) => tokenizerFile.test(name))),
    ...named('feature_extractor', (name) => name === 'preprocessor_config.json'),
  ].sort();
};

/** The files that make a pipeline what it is, without opening weights. */
export const pipelineFiles = (directory: string): ModelFileName[] => {
  const listed = (part: string): string[] =>
    existsSync(join(directory, part)) ? readdirSync(join(directory, part)) : [];
  const weights = weightParts.flatMap((part) => {
    const found = weightsIn(part, listed(part));
    if (found === null) return [];
    const shards = found.isIndex ? shardsNamed(join(directory, part), found.file) : [];
    return [found.file, ...shards].map((name) => `${part}/${name}`);
  });
  const configs = [...weightParts.map((part) => `${part}/config.json`), `scheduler/${schedulerFile}`];
  const tokenizers = ['tokenizer', 'tokenizer_2'].flatMap((part) =>
    listed(part)
      .filter((name) => tokenizerFile.test(name))
      .map((name) => `${part}/${name}`),
  );
  const there = (name: string): boolean => existsSync(join(directory, name));
  return [
    ...weights.filter(there).map((name) => ({ name, kind: 'weights' as const })),
    ...[pipelineIndex, ...configs].filter(there).map((name) => ({ name, kind: 'config' as const })),
    ...tokenizers.map((name) => ({ name, kind: 'tokenizer' as const })),
  ];
};

const shardsNamed = (folder: string, index: string): string[] => {
  try {
    return [...new Set(readWeightMap(pathIn(folder, index)).values())];
  } catch (error) {
    if (error instanceof WorkbenchError) return [];
    throw error;
  }
};
