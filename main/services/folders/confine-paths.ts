import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { invalidInput } from '../../engine/errors.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import type { NamedPath } from '../shared/absolute-path.ts';
import { isWithin, type Places } from './places.ts';
import { privateNames } from './private-names.ts';

interface Confinement {
  readonly places: Places;
  readonly dataDirectory: string;
}

export type ConfinePaths = (paths: readonly NamedPath[]) => Promise<void>;

/**
 * Holds what a browser names to the folders that are shown, wherever links lead.
 * @throws WorkbenchError naming the first path that lies or leads outside, or is the workbench's own secret
 */
export const confinePaths =
  ({ places, dataDirectory }: Confinement): ConfinePaths =>
  async (paths) => {
    for (const { path, use } of paths) {
      const real = use === 'source' ? await places.enter(path) : await targetWithin(places, path);
      const own = await places.enter(dataDirectory);
      const isPrivate = Object.values(privateNames).some((name) => isWithin(join(own, name), real));
      if (isPrivate) throw invalidInput(`${path}: is the workbench's own; choose another`);
    }
  };

/** Where a target would come to lie: what is there already is followed, the rest is yet to be made. */
const targetWithin = async (places: Places, path: string): Promise<string> => {
  if (path.split(/[\\/]/).includes('..')) throw invalidInput(`${path}: write the path without ..`);
  await places.holdWithin(path);
  const missing: string[] = [];
  let above = resolve(path);
  // A link that leads nowhere is there: what is written to it would come to lie wherever it leads.
  while (!(await isThere(above)) && dirname(above) !== above) {
    missing.unshift(above.slice(dirname(above).length).replace(/^[\\/]/, ''));
    above = dirname(above);
  }
  return join(await places.enter(above), ...missing);
};

const isThere = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw fileError(error, 'write', path);
  }
};
