import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../../../errors.ts';
import type { PartName } from '../picture-set.ts';

/** A file of a set, and the part that its rows belong to. */
export interface Shard {
  readonly path: string;
  readonly part: PartName;
}

const parts: Readonly<Record<string, PartName>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

const ofMany = /^(.*)-(\d{5})-of-(\d{5})\.parquet$/i;

const isParquetName = (name: string): boolean => /\.parquet$/i.test(name) && !name.startsWith('.');

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).filter(isParquetName).sort();
  } catch {
    return [];
  }
};

/** Folders of a set in which its files may lie: its own, or `data`, as the Hub has it. */
const foldersOf = (path: string): string[] => [path, join(path, 'data')];

/** Whether a path is a Parquet file by its name, or a folder of such files. */
export const isParquetSet = (path: string): boolean => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return isParquetName(basename(path));
  return foldersOf(path).some((folder) => namesIn(folder).length > 0);
};

/**
 * The files of a set in order: one file, or all of a folder, whose names say the parts (`train-00000-of-00002.parquet`).
 * @throws WorkbenchError naming a file that is missing, or whose part is not known
 */
export const shardsOf = (path: string): Shard[] => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const [, , , count] = ofMany.exec(basename(path)) ?? [];
    if (count !== undefined && Number(count) > 1)
      throw invalidInput(
        `${path}: is one of ${Number(count)} files of a set; give their folder, ${dirname(path)}`,
      );
    return [{ path, part: 'train' }];
  }
  const folder = foldersOf(path).find((one) => namesIn(one).length > 0)!;
  const names = namesIn(folder);
  refuseIncomplete(folder, names);
  const only = names.length === 1;
  return names.map((name) => {
    const part = parts[/^[a-z]+/i.exec(name)?.[0].toLowerCase() ?? ''] ?? (only ? 'train' : undefined);
    if (part === undefined)
      throw invalidInput(
        `${join(folder, name)}: its name says no part: it should begin with train, validation or test`,
      );
    return { path: join(folder, name), part };
  });
};

const refuseIncomplete = (folder: string, names: readonly string[]): void => {
  const there = new Set(names);
  for (const name of names) {
    const [, start, , count] = ofMany.exec(name) ?? [];
    if (start === undefined) continue;
    for (let at = 0; at < Number(count); at++) {
      const other = `${start}-${String(at).padStart(5, '0')}-of-${count}.parquet`;
      if (!there.has(other))
        throw new WorkbenchError(
          'not-found',
          `${join(folder, other)}: is not there, and ${name} says that it is a part of the set`,
        );
    }
  }
};
