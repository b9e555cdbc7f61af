import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { moveWhole, temporaryName, unfinishedBeside } from '../../engine/formats/atomic-file.ts';
import { checkSealed } from '../../engine/formats/sealed-folder.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { Store } from '../../store/store.ts';
import { createId, now } from '../shared/identifiers.ts';
import { findAdapter } from './find-adapter.ts';

type NewAdapter = Omit<Parameters<Store['adapters']['insertImported']>[0], 'id' | 'directory' | 'createdAt'>;

/*
 * An adapter of its own is built under a name that says it is unfinished, then told of in the library, then takes its place. Whatever ends the
 * process in between: before the library knows of it, it is swept as anything unfinished; afterwards, it takes its place when the library
 * is opened.
 */

/**
 * Puts an adapter that is built into the library.
 * @param build makes the adapter's folder in the place that it is given
 * @param describe called in the transaction that writes it down
 * @throws what building throws; nothing is left of it then
 */
export const keepAdapter = async <Built>(
  { store, dataDirectory }: { readonly store: Store; readonly dataDirectory: string },
  build: (place: string) => Promise<Built>,
  describe: (built: Built) => NewAdapter,
): Promise<AdapterRecord> => {
  const id = createId();
  const directory = join(dataDirectory, 'adapters', id);
  const place = temporaryName(directory);
  try {
    const built = await build(place);
    store.transaction(() =>
      store.adapters.insertImported({ ...describe(built), id, directory, createdAt: now() }),
    );
    moveIntoLibrary(store, id, place, directory);
  } catch (error) {
    rmSync(place, { recursive: true, force: true });
    throw namingLibraryPlace(error, place, directory);
  }
  return findAdapter(store, id);
};

const moveIntoLibrary = (store: Store, id: string, place: string, directory: string): void => {
  try {
    moveWhole(place, directory);
  } catch (error) {
    store.adapters.remove(id);
    throw error;
  }
};

const namingLibraryPlace = (error: unknown, place: string, directory: string): unknown =>
  error instanceof WorkbenchError
    ? new WorkbenchError(error.code, error.message.replaceAll(place, directory), { cause: error })
    : error;

/** Gives adapters their places whose workbench ended right after it had told the library of them. */
export const adoptKept = (store: Store): void => {
  for (const { runId, directory } of store.adapters.all()) {
    if (runId !== null || existsSync(directory)) continue;
    const built = unfinishedBeside(directory).find(isWhole);
    if (built !== undefined) moveWhole(built, directory);
  }
};

const isWhole = (directory: string): boolean => {
  try {
    return checkSealed(directory);
  } catch (error) {
    if (error instanceof WorkbenchError) return false;
    throw error;
  }
};
