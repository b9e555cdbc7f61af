import { initial } from './0001-initial.ts';
import { importedAdapters } from './0002-imported-adapters.ts';

/** In order and never edited once released: the n-th brings a database to version n. */
export const migrations: readonly string[] = [initial, importedAdapters];
