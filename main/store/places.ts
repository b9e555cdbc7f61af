import { join } from 'node:path';

export const databaseFileOf = (directory: string): string => join(directory, 'workbench.sqlite');

/** Copies of the library alone, made before something changes all of it. */
export const copiesDirectoryOf = (directory: string): string => join(directory, 'backups');
