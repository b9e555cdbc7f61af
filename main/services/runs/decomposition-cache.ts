import { awsvdCacheFolder, clearAwsvdCache, measureAwsvdCache } from '../../engine/init/awsvd-cache.ts';
import type { DecompositionCache } from '../shared/entities.ts';
import { cacheDirectoryOf } from './run-specification.ts';

export const showDecompositionCache = (dataDirectory: string): DecompositionCache => {
  const directory = awsvdCacheFolder(cacheDirectoryOf(dataDirectory));
  return { directory, ...measureAwsvdCache(directory) };
};

/** Returns what was there. */
export const clearDecompositionCache = (dataDirectory: string): DecompositionCache => {
  const cache = showDecompositionCache(dataDirectory);
  clearAwsvdCache(cache.directory);
  return cache;
};
