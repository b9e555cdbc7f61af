import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../errors.ts';
import { writeFileWhole } from '../../formats/atomic-file.ts';
import { fileError } from '../../formats/file-errors.ts';
import { makeFolder } from '../../formats/make-folder.ts';
import { readVersionedJson } from '../../formats/versioned-json.ts';
import type { BlockPlace } from '../records/blocks.ts';
import type { SeparatorName } from '../records/separators.ts';

/** Where rows stand in a file: one place for each stretch of 256 KiB or so, so that 2 GB take 8,000 of them. */
export interface RowIndex {
  readonly rows: number;
  readonly blocks: readonly BlockPlace[];
}

/** A file as it was when its rows were counted. */
export interface IndexedFile {
  readonly path: string;
  readonly sha256: string;
  readonly separator: SeparatorName | null;
}

/** What the file's entry in its folder says without reading it. */
export interface DataStamp {
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly inode: number;
}

const keptSchema = z.strictObject({
  formatVersion: z.literal(1),
  stamp: z.strictObject({ bytes: z.number(), modified: z.number(), inode: z.number() }),
  rows: z.int(),
  /** First row, offset, length and line of each. */
  blocks: z.array(z.tuple([z.int(), z.int(), z.int(), z.int()])),
});

/** @throws WorkbenchError where nothing is there */
export const dataStamp = (path: string): DataStamp => {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    return { bytes: size, modified: mtimeMs, inode: ino };
  } catch (error) {
    throw fileError(error, 'read', path);
  }
};

/** Keeps an index in a folder that can be emptied at any time. @param stamp from before the file was read */
export const keepRowIndex = (
  directory: string,
  file: IndexedFile,
  { rows, blocks }: RowIndex,
  stamp: DataStamp,
): void => {
  const kept: z.output<typeof keptSchema> = {
    formatVersion: 1,
    stamp,
    rows,
    blocks: blocks.map(({ firstRow, offset, length, line }) => [firstRow, offset, length, line]),
  };
  makeFolder(directory);
  writeFileWhole(pathOf(directory, file), JSON.stringify(kept));
};

/** What is known of a file's rows: nothing, or nothing any more since it looks as if it was written after they were counted. */
export type FoundIndex = RowIndex | 'unknown' | 'written';

export const findRowIndex = (directory: string, file: IndexedFile): FoundIndex => {
  const path = pathOf(directory, file);
  if (!existsSync(path) || !existsSync(file.path)) return 'unknown';
  try {
    const { rows, blocks, stamp } = readVersionedJson(path, keptSchema);
    if (JSON.stringify(stamp) !== JSON.stringify(dataStamp(file.path))) return 'written';
    return {
      rows,
      blocks: blocks.map(([firstRow, offset, length, line]) => ({ firstRow, offset, length, line })),
    };
  } catch (error) {
    if (error instanceof WorkbenchError) return 'unknown'; // of another version, or damaged: it is only a help
    throw error;
  }
};

const pathOf = (directory: string, { path, sha256, separator }: IndexedFile): string =>
  join(
    directory,
    `${createHash('sha256')
      .update(JSON.stringify([path, sha256, separator]))
      .digest('hex')}.json`,
  );
