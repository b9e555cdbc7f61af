import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** A folder of files that are kept for later, by keys. It never fails a run: what can't be read is not there, what can't be written is left. */
export interface KeptFiles {
  /** @param read gives undefined for a file that is not what was written; undefined then, and where there is none */
  readonly read: <Content>(key: string, read: (path: string) => Content | undefined) => Content | undefined;
  /** @param write leaves the file whole or not at all */
  readonly write: (key: string, write: (path: string) => void) => void;
  /** How many were found so far. */
  readonly hits: () => number;
}

export const keptSuffix = '.safetensors';

/** Each write removes the files longest unused while they hold more than `mostBytes` together. */
export const openKeptFiles = (directory: string, mostBytes: number): KeptFiles => {
  const pathOf = (key: string): string => join(directory, key + keptSuffix);
  let hits = 0;
  let bytesHeld: number | undefined;
  return {
    read: (key, read) => {
      const content = quietly(() => read(pathOf(key)));
      if (content === undefined) return undefined;
      hits++;
      quietly(() => utimesSync(pathOf(key), new Date(), new Date()));
      return content;
    },
    write: (key, write) => {
      quietly(() => {
        makeFolder(directory);
        write(pathOf(key));
        bytesHeld = (bytesHeld ?? bytesIn(directory)) + statSync(pathOf(key)).size;
        if (bytesHeld > mostBytes) bytesHeld = evict(directory, mostBytes);
      });
    },
    hits: () => hits,
  };
};

const bytesIn = (directory: string): number => entriesOf(directory).reduce((sum, { size }) => sum + size, 0);

/** Down to nine tenths, so that not every write has to. Returns the bytes left. */
const evict = (directory: string, mostBytes: number): number => {
  const oldestFirst = entriesOf(directory).sort((x, y) => x.usedAt - y.usedAt);
  let bytes = oldestFirst.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of oldestFirst) {
    if (bytes <= 0.9 * mostBytes) break;
    rmSync(path, { force: true });
    bytes -= size;
  }
  return bytes;
};

const entriesOf = (directory: string): { path: string; size: number; usedAt: number }[] => {
  const names = quietly(() => readdirSync(directory)) ?? [];
  return names.flatMap((name) => {
    if (!name.endsWith(keptSuffix)) return [];
    const path = join(directory, name);
    const found = quietly(() => statSync(path)); // another process may have removed it
    return found ? [{ path, size: found.size, usedAt: found.mtimeMs }] : [];
  });
};

/** A cache that fails is a cache without the entry. */
const quietly = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};
