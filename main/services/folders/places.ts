import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import type { Place } from './folder-schema.ts';

/** The folders that may be looked into, and what is in them. */
export interface Places {
  /** Those that are there, links resolved. */
  readonly list: () => Promise<Place[]>;
  /**
   * Where a path leads, links resolved.
   * @throws WorkbenchError where nothing is there, or it lies or leads outside
   */
  readonly enter: (path: string) => Promise<string>;
  /**
   * Looks at the path alone, without asking the disk about it.
   * @throws WorkbenchError where it lies outside, wherever it leads
   */
  readonly holdWithin: (path: string) => Promise<void>;
  /** The folder above; null where that is not to be seen. */
  readonly above: (real: string) => Promise<string | null>;
}

export const isWithin = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/, 1)[0] !== '..');
};

export const createPlaces = (given: readonly Place[]): Places => {
  const outside = (path: string, verb: string): WorkbenchError =>
    new WorkbenchError(
      'invalid-input',
      `${path}: ${verb} outside the folders that are shown (${given.map((place) => place.path).join(', ')}); nora serve --folder PATH shows one more`,
    );

  const list = async (): Promise<Place[]> => {
    const found = await Promise.all(
      given.map(async ({ kind, path }): Promise<Place[]> => {
        const real = await realpath(path).catch(() => null); // a disk that is not plugged in
        return real === null ? [] : [{ kind, path: real }];
      }),
    );
    const all = found.flat();
    return all.filter(({ path }, index) => all.findIndex((place) => place.path === path) === index);
  };

  const within = (places: readonly Place[], where: string): boolean =>
    places.some((place) => isWithin(place.path, where));

  const holdWithin = async (path: string): Promise<void> => {
    const where = resolve(path);
    if (!within(given, where) && !within(await list(), where)) throw outside(path, 'lies');
  };

  return {
    list,
    holdWithin,
    enter: async (path) => {
      // Before the disk is asked, so that nobody learns from the answer what lies elsewhere.
      await holdWithin(path);
      const real = await realpath(path).catch((error: unknown) => {
        throw fileError(error, 'read', path);
      });
      if (!within(await list(), real)) throw outside(path, 'leads');
      return real;
    },
    above: async (real) => {
      const parent = dirname(real);
      if (parent === real) return null;
      return (await list()).some((place) => isWithin(place.path, parent)) ? parent : null;
    },
  };
};
