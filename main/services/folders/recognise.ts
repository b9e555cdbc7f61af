import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openClipConfig, openClipWeights } from '../../engine/formats/open-clip/folder.ts';
import type { FolderEntry } from './folder-schema.ts';

type Holds = FolderEntry['holds'];

/** What a folder is by the names in it. Whether it can be read as such, its import finds out. */
export const holdsOfFolder = async (path: string): Promise<Holds> => {
  const has = (name: string): Promise<boolean> =>
    access(join(path, name)).then(
      () => true,
      () => false,
    );
  if (await has('adapter_config.json')) return 'adapter';
  if (!(await has('config.json')))
    return (await has(openClipConfig)) && (await has(openClipWeights)) ? 'model' : null;
  return (await has('model.safetensors')) || (await has('model.safetensors.index.json')) ? 'model' : null;
};

/** JSON in a model's or adapter's folder says how that is made. */
export const holdsOfFile = (name: string, folder: Holds): Holds =>
  folder === null && /\.(jsonl|ndjson|json|csv|tsv)$/i.test(name) ? 'data' : null;
