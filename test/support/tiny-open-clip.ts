import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';
import { writeTinyClip } from './tiny-clip.ts';

/** Folder of a CLIP of random weights in open_clip's form alone, with the tokenizer of the tiny CLIP. */
export const writeTinyOpenClip = (directory: string): string => {
  writeTinyClip(directory);
  for (const name of ['config.json', 'model.safetensors', 'preprocessor_config.json'])
    rmSync(join(directory, name));
  for (const name of ['open_clip_config.json', 'open_clip_model.safetensors'])
    cpSync(join(root, 'test/engine/formats/fixtures/open-clip', name), join(directory, name));
  return directory;
};
