import { join } from 'node:path';

/** What is kept there can be made again, and be emptied at any time. */
export const cacheDirectoryOf = (dataDirectory: string): string => join(dataDirectory, 'cache');
