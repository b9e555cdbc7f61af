import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/paths.ts';

/** What pages of one thing show, by the first part of their path: `experiments/:id` is that of an experiment. */
export type ShownThings = Readonly<Record<string, string>>;

export interface ShownScreen {
  /** Also a file's: `experiments`, `experiments-new`, `experiments-one`. */
  readonly name: string;
  /** Behind `#/`. */
  readonly address: string;
}

/** Every screen's path, as the window's own list has it. As text, since the list itself brings the components with it. */
export const screenPaths = (): string[] => {
  const list = readFileSync(join(root, 'renderer/source/screens.ts'), 'utf8');
  return [...list.matchAll(/\bpath: '([^']+)'/g)].map(([, path]) => path!);
};

/**
 * Where each screen is looked at.
 * @param queries of the screens that are empty without one, by their path
 * @throws where a path asks for a thing that is not there
 */
export const shownScreens = (
  paths: readonly string[],
  things: ShownThings,
  queries: ShownThings,
): ShownScreen[] =>
  paths.map((path) => {
    const [kind = ''] = path.split('/');
    const thing = things[kind];
    if (path.includes(':id') && thing === undefined)
      throw new Error(`renderer/source/screens.ts: ${path}: nothing to show of "${kind}"`);
    const query = queries[path];
    return {
      name: path.replace(':id', 'one').replaceAll('/', '-'),
      address: `${path.replace(':id', thing ?? '')}${query === undefined ? '' : `?${query}`}`,
    };
  });
