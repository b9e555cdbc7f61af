import { existsSync } from 'node:fs';
import { WorkbenchError } from '../../engine/errors.ts';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import {
  changesBetween,
  contentHash,
  describeChanges,
  type ModelFileChange,
} from '../../engine/formats/model-identity.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { ReadOptions } from '../reading/reader-process.ts';

/** What looking at a model's files takes. */
export interface IdentityContext {
  readonly store: Store;
  readonly readFiles: ReadFiles;
}

/** A model's files as they are now. */
export interface CheckedModel {
  readonly files: readonly ModelFile[];
  /** Since what they are held against: at import where nothing else is asked for. */
  readonly changes: readonly ModelFileChange[];
  /** Whether the library did not know them before: they count from now on as they are. */
  readonly recordedNow: boolean;
}

export interface CheckOptions extends ReadOptions {
  /** What the files were when it mattered, and when that was, as in 'since the run "a" began'. At import where absent. */
  readonly expected?: readonly ModelFile[] | null;
  readonly since?: string;
  /** Read every file, whatever its size and times say. */
  readonly thorough?: boolean;
}

/**
 * Looks at a model's files: those whose size or times differ from the last look are read anew, and where they hold the same as ever, the
 * new size and times are kept. A model that came into the library before this was kept gets its identity now.
 * @throws not-found where its folder is gone
 */
export const checkModel = async (
  { store, readFiles }: IdentityContext,
  model: ModelRecord,
  { expected = null, thorough = false, signal, onProgress }: CheckOptions = {},
): Promise<CheckedModel> => {
  const { directory, identity, name } = model;
  if (!existsSync(directory))
    throw new WorkbenchError(
      'not-found',
      `${directory}: the folder of the model "${name}" is gone; put it back, or import it from where it is now, which lets the library find it there`,
    );
  const known = thorough ? [] : [...(identity ?? [])];
  const { files } = await readFiles({ kind: 'model-files', directory, known }, { signal, onProgress });
  if (identity === null) store.models.update(model.id, { identity: files });
  else keepStamps(store, model.id, identity, files);
  const before = expected ?? identity;
  return { files, changes: before ? changesBetween(before, files) : [], recordedNow: identity === null };
};

/** What a file holds is kept from the import on; only how it is recognised without reading it changes. */
const keepStamps = (
  store: Store,
  id: string,
  identity: readonly ModelFile[],
  files: readonly ModelFile[],
): void => {
  const now = new Map(files.map((file) => [file.name, file]));
  const kept = identity.map((file) => {
    const seen = now.get(file.name);
    return seen?.sha256 === file.sha256 ? { ...file, stamp: seen.stamp } : file;
  });
  if (JSON.stringify(kept) !== JSON.stringify(identity)) store.models.update(id, { identity: kept });
};

/** What changed, and what can be done about it. */
export const changeProblem = (
  { name, directory }: Pick<ModelRecord, 'name' | 'directory'>,
  changes: readonly ModelFileChange[],
  since = 'since it was imported',
): string =>
  `${directory}: the model "${name}" has changed ${since}: ${describeChanges(changes)}; put the files back as they were, or import the folder again as a new model and train on that`;

/** @throws conflict where a model's files hold something else than they did; as checkModel otherwise */
export const assertModelUnchanged = async (
  context: IdentityContext,
  model: ModelRecord,
  options: CheckOptions = {},
): Promise<CheckedModel> => {
  const checked = await checkModel(context, model, options);
  if (checked.changes.length === 0) return checked;
  throw new WorkbenchError('conflict', changeProblem(model, checked.changes, options.since));
};

/** Said where a run or an export is the first to look at a model's files. */
export const recordedNotice = ({ name }: Pick<ModelRecord, 'name'>): string =>
  `The model "${name}" came into the library before the contents of its files were kept; they count from now on as they are`;

export const sameContent = (a: readonly ModelFile[] | null, b: readonly ModelFile[] | null): boolean =>
  a !== null && b !== null && contentHash(a) === contentHash(b);

/** What stands in the way of some work, in a line for people; null where nothing does. */
export const problemOf = async (work: () => Promise<unknown>): Promise<string | null> => {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof WorkbenchError) return error.message;
    throw error;
  }
};
