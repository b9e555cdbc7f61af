import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { Folder } from './folder-schema.ts';
import { listFolder } from './list-folder.ts';
import { createPlaces, type Places } from './places.ts';

export interface FoldersOptions {
  readonly dataDirectory: string;
  /** Shown beside home and the data directory. */
  readonly folders?: readonly string[];
  /** The person's own unless told otherwise; null where it is not shown. */
  readonly home?: string | null;
}

/** The folders that are shown, in the order in which a person would look. */
export const shownPlaces = ({ dataDirectory, folders = [], home = homedir() }: FoldersOptions): Places =>
  createPlaces([
    ...(home === null ? [] : [{ kind: 'home' as const, path: home }]),
    ...folders.map((path) => ({ kind: 'given' as const, path: resolve(path) })),
    { kind: 'data-directory', path: dataDirectory },
  ]);

/** Looks around on the server's disk, in the folders that it shows and nowhere else. */
export const createFoldersService = (options: FoldersOptions) => {
  const places = shownPlaces(options);

  return {
    list: async ({ path, nearest, hidden }) => {
      const start = nearest ? await nearestFolder(places, path) : path;
      const real = await places.enter(start ?? (await firstPlace(places)));
      return {
        path: real,
        parent: await places.above(real),
        trail: await trailOf(places, real),
        ...(await listFolder(real, { places, withHidden: hidden })),
        places: await places.list(),
      };
    },
    create: async ({ directory, name }) => {
      const path = join(await places.enter(directory), name);
      try {
        await mkdir(path);
      } catch (error) {
        throw fileError(error, 'write', path);
      }
      return { path };
    },
  } satisfies WorkbenchMethods['folders'];
};

const firstPlace = async (places: Places): Promise<string> => {
  const [first] = await places.list();
  if (first === undefined)
    throw new WorkbenchError('not-found', 'none of the folders that are shown is there');
  return first.path;
};

/** The folder itself, or of what lies around it the first that is one and may be seen: where to begin from what stands in a field. */
const nearestFolder = async (places: Places, path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined;
  const isFolder = await places.enter(path).then(
    async (real) => (await stat(real)).isDirectory(),
    () => false,
  );
  if (isFolder) return path;
  const above = dirname(path);
  return above === path ? undefined : nearestFolder(places, above);
};

const trailOf = async (places: Places, path: string): Promise<Folder['trail']> => {
  const above = await places.above(path);
  const before = above === null ? [] : await trailOf(places, above);
  return [...before, { name: above === null ? path : basename(path), path }];
};
