import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../../errors.ts';
import { writeFileWhole } from '../../../formats/atomic-file.ts';
import { isSameStamp } from '../../../formats/file-stamp.ts';
import { makeFolder } from '../../../formats/make-folder.ts';
import type { FileStamp } from '../../../formats/model-file-schema.ts';
import { readVersionedJson } from '../../../formats/versioned-json.ts';
import { unpackedIn } from './parquet/unpack.ts';

/** SHA-256 of a set's files by their names, each with what its entry in the folder said when it was read. */
export type KnownSums = ReadonlyMap<string, { readonly stamp: FileStamp; readonly sha256: string }>;

/** Of more pictures the sums would take longer to read than they are worth. */
const mostKept = 2_000_000;

const keptSchema = z.strictObject({
  formatVersion: z.literal(1),
  /** Name, bytes, modified, changed, inode, SHA-256. */
  files: z.array(z.tuple([z.string(), z.number(), z.number(), z.number(), z.number(), z.string()])),
});

const fileOf = (cacheDirectory: string, folder: string): string =>
  join(unpackedIn(cacheDirectory), `${createHash('sha256').update(folder).digest('hex')}.json`);

/** What was kept of a set's folder; nothing where there is nothing that can be read: all files are read then. */
export const readKnownSums = (cacheDirectory: string, folder: string): KnownSums => {
  const path = fileOf(cacheDirectory, folder);
  if (!existsSync(path)) return new Map();
  try {
    const { files } = readVersionedJson(path, keptSchema);
    return new Map(
      files.map(([name, bytes, modified, changed, inode, sha256]) => [
        name,
        { stamp: { bytes, modified, changed, inode }, sha256 },
      ]),
    );
  } catch (error) {
    if (error instanceof WorkbenchError) return new Map();
    throw error;
  }
};

/** Keeps sums in a folder that can be emptied at any time. A disk without room for them is no reason not to go on. */
export const keepSums = (cacheDirectory: string, folder: string, sums: KnownSums): void => {
  if (sums.size > mostKept) return;
  const files = [...sums].map(([name, { stamp, sha256 }]): z.output<typeof keptSchema>['files'][number] => [
    name,
    stamp.bytes,
    stamp.modified,
    stamp.changed,
    stamp.inode,
    sha256,
  ]);
  try {
    makeFolder(unpackedIn(cacheDirectory));
    writeFileWhole(fileOf(cacheDirectory, folder), JSON.stringify({ formatVersion: 1, files }));
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
  }
};

/** The sum of a file that looks as it did. */
export const sumOf = (known: KnownSums, name: string, stamp: FileStamp): string | undefined => {
  const before = known.get(name);
  return before !== undefined && isSameStamp(before.stamp, stamp) ? before.sha256 : undefined;
};
