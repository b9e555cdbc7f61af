import { join } from 'node:path';

/** Where it is kept in which part of a dataset's file a row is. */
export const rowIndexesIn = (cacheDirectory: string): string => join(cacheDirectory, 'rows');
