import { existsSync, readdirSync } from 'node:fs';
import { posix, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../../errors.ts';
import { entriesOf, type PictureSet } from './picture-set.ts';

const shown = 3;

/**
 * Refuses a set that names files that aren't there. Looks into each folder once, so that a million names are checked in seconds.
 * @throws WorkbenchError naming the first of them, and how many there are
 */
export const refuseMissing = ({ folder, parts, source }: PictureSet): void => {
  const listings = new Map<string, ReadonlySet<string>>();
  const listing = (directory: string): ReadonlySet<string> => {
    const known = listings.get(directory);
    if (known !== undefined) return known;
    const found = new Set(namesIn(join(folder, directory)));
    listings.set(directory, found);
    return found;
  };
  // Another spelling may lead to the file where capitals don't count.
  const isThere = (name: string): boolean =>
    listing(posix.dirname(name)).has(posix.basename(name)) || existsSync(join(folder, name));
  const entries = entriesOf(parts);
  if (entries.length === 0) throw invalidInput(`${source}: has no pictures`);
  const missing = entries.filter(({ name }) => !isThere(name));
  if (missing.length === 0) return;
  const named = missing.slice(0, shown).map((entry) => `${entry.name} (${entry.place})`);
  const more = missing.length > shown ? ` and ${missing.length - shown} more` : '';
  throw new WorkbenchError(
    'not-found',
    `${source}: names ${missing.length} of ${entries.length} pictures that are not in ${folder}: ${named.join(', ')}${more}`,
  );
};

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};
