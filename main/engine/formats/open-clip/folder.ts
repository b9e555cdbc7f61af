import { readJsonObject } from '../json-text.ts';
import { pathIn } from '../path-in.ts';
import { readOpenClip, type OpenClipModel } from './configuration.ts';

export const openClipConfig = 'open_clip_config.json';
export const openClipWeights = 'open_clip_model.safetensors';

/** Whether a folder's model is in open_clip's form alone: many hold transformers' files beside it, which then count. */
export const isOpenClip = (files: readonly string[]): boolean =>
  files.includes(openClipConfig) && !files.includes('config.json');

/** What open_clip_config.json says, in the terms of transformers' files. */
export const openClipModelIn = (directory: string): OpenClipModel => {
  const path = pathIn(directory, openClipConfig);
  return readOpenClip(readJsonObject(path), path);
};
