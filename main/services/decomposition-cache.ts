import { clearAwsvdCache, measureAwsvdCache } from '../engine/init/awsvd-cache.ts';
import type { DecompositionCache } from './entities.ts';
import { awsvdCacheDirectoryOf } from './run-specification.ts';

export const showDecompositionCache = (dataDirectory: string): DecompositionCache => {
  const directory = awsvdCacheDirectoryOf(dataDirectory);
  return { directory, ...measureAwsvdCache(directory) };
};

/** Returns what was there. */
export const clearDecompositionCache = (dataDirectory: string): DecompositionCache => {
  const cache = showDecompositionCache(dataDirectory);
  clearAwsvdCache(cache.directory);
  return cache;
};
