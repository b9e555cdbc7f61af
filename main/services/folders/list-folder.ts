import type { Dirent } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { explainError } from '../../engine/formats/explain-error.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import type { Folder, FolderEntry } from './folder-schema.ts';
import type { Places } from './places.ts';
import { holdsOfFile, holdsOfFolder } from './recognise.ts';

type Content = Pick<Folder, 'entries' | 'leftOut' | 'hidden' | 'holds' | 'problem'>;

/** Some 100 kB of an answer. */
export const mostEntries = 500;

/**
 * What is in a folder. One that can't be read says why, since a person who looks around comes by such.
 * @param path with links resolved
 * @throws WorkbenchError where it is a file, or gone
 */
export const listFolder = async (
  path: string,
  { places, withHidden }: { readonly places: Places; readonly withHidden: boolean },
): Promise<Content> => {
  const found = await readFolder(path);
  if (found instanceof WorkbenchError)
    return { entries: [], leftOut: 0, hidden: 0, holds: null, problem: found.message };
  const shown = withHidden ? found : found.filter(({ name }) => !name.startsWith('.'));
  const holds = await holdsOfFolder(path);
  const placedOnes = await Promise.all(shown.map((entry) => placed(path, entry, places)));
  const ordered = placedOnes.filter((entry) => entry !== null).toSorted(byKindAndName);
  const entries = await Promise.all(ordered.slice(0, mostEntries).map((entry) => described(entry, holds)));
  return {
    entries,
    leftOut: ordered.length - entries.length,
    hidden: found.length - shown.length,
    holds,
    problem: null,
  };
};

/** An error that is the folder's own: no permission, a network that does not answer. */
const readFolder = async (path: string): Promise<Dirent[] | WorkbenchError> => {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const told = fileError(error, 'read', path);
    if (!(told instanceof WorkbenchError)) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR')
      throw new WorkbenchError('invalid-input', `${path}: is a file, not a folder`, { cause: error });
    if (told.code === 'not-found') throw told;
    return told;
  }
};

type Placed = Pick<FolderEntry, 'name' | 'path' | 'kind' | 'problem'>;

/** Null for what is neither folder nor file. A link counts as what it leads to, where that may be seen. */
const placed = async (folder: string, entry: Dirent, places: Places): Promise<Placed | null> => {
  const { name } = entry;
  const path = join(folder, name);
  const as = (kind: Placed['kind'], problem: string | null = null): Placed => ({ name, path, kind, problem });
  if (entry.isDirectory()) return as('folder');
  if (entry.isFile()) return as('file');
  if (!entry.isSymbolicLink()) return null;
  try {
    const real = await stat(await places.enter(path));
    return real.isDirectory() ? as('folder') : real.isFile() ? as('file') : null;
  } catch (error) {
    const { code } = explainError(error);
    return as('file', code === 'not-found' ? 'a link that leads nowhere' : 'a link out of the shown folders');
  }
};

const described = async (entry: Placed, folder: Content['holds']): Promise<FolderEntry> => {
  if (entry.problem !== null) return { ...entry, bytes: null, holds: null };
  if (entry.kind === 'file') {
    const size = await stat(entry.path).catch(() => null);
    return { ...entry, bytes: size?.size ?? null, holds: holdsOfFile(entry.name, folder) };
  }
  const isOpen = await access(entry.path, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isOpen) return { ...entry, bytes: null, holds: null, problem: 'no permission to read' };
  return { ...entry, bytes: null, holds: await holdsOfFolder(entry.path) };
};

/** As people count: file-2 before file-10. */
const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const byKindAndName = (a: Placed, b: Placed): number =>
  a.kind === b.kind ? names.compare(a.name, b.name) : a.kind === 'folder' ? -1 : 1;
