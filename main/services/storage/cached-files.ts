import { join } from 'node:path';
import { namesIn } from './leftovers.ts';

/** Folders of the cache: what is in them is called by the SHA-256 of what it answers. */
const folders = ['awsvd', 'latents', 'pictures', 'rows', 'spectra', 'surveys'];
const answer = /^[0-9a-f]{64}(\.(json|safetensors))?$/;
const base = /^base-.+\.safetensors$/;

export interface CachedFiles {
  /** Weights of models in fewer bits. */
  readonly bases: readonly string[];
  readonly answers: readonly string[];
  readonly others: readonly string[];
}

/**
 * What lies in the cache, by who put it there. A data directory may be a person's own folder, in which `cache` was there before: what the
 * workbench did not name itself is not its to remove.
 */
export const cachedFiles = async (cache: string): Promise<CachedFiles> => {
  const bases: string[] = [];
  const answers: string[] = [];
  const others: string[] = [];
  const put = (isOurs: boolean, ours: string[], path: string): void =>
    void (isOurs ? ours : others).push(path);
  for (const name of await namesIn(cache)) {
    const path = join(cache, name);
    if (!folders.includes(name)) put(base.test(name), bases, path);
    else for (const inner of await namesIn(path)) put(answer.test(inner), answers, join(path, inner));
  }
  return { bases, answers, others };
};
