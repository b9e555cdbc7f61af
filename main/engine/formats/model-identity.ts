import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { WorkbenchError } from '../errors.ts';
import { placeOfFile, safePlaceOfFile } from './diffusion/checkpoint-name.ts';
import { sha256OfFile, sha256OfFileSync } from './file-hash.ts';
import { isSameStamp, isSettled, stampOf } from './file-stamp.ts';
import type { FileStamp, ModelFile } from './model-file-schema.ts';
import { byName, modelFilesOf, type ModelFileName } from './model-files.ts';

/** A file that is other than it was. */
export interface ModelFileChange extends ModelFileName {
  readonly change: 'changed' | 'added' | 'missing';
  /** SHA-256, null where the file was not there. */
  readonly was: string | null;
  readonly is: string | null;
}

export interface ReadFilesOptions {
  /** Files whose stamps are as they were are taken to be as they were; all are read where absent. */
  readonly known?: readonly ModelFile[];
  /** Told of bytes that were read, or that are known to be as they were. */
  readonly onRead?: (bytes: number, of: number) => void;
}

/**
 * The files of a model by their contents, sorted by name. Reads in pieces and lets the event loop turn.
 * @throws not-found for a folder that is gone, conflict for a file that changes while it is read
 */
export const readModelFiles = async (
  directory: string,
  { known = [], onRead = () => undefined }: ReadFilesOptions = {},
): Promise<ModelFile[]> => {
  const listed = modelFilesOf(directory);
  const names = new Set(listed.map(({ name }) => name));
  // What another index or another layout passes over is there still.
  const passedOver = known.filter(({ name }) => !names.has(name) && existsSync(placeOfFile(directory, name)));
  const all = [...listed, ...passedOver].sort(byName);
  const total = all.reduce((sum, { name }) => sum + statSync(placeOfFile(directory, name)).size, 0);
  let read = 0;
  const files: ModelFile[] = [];
  for (const { name, kind } of all) {
    const path = safePlaceOfFile(directory, name);
    const stamp = stampOf(path);
    const before = known.find((one) => one.name === name);
    const isKnown = before?.stamp && isSameStamp(before.stamp, stamp);
    if (isKnown) onRead((read += stamp.bytes), total);
    files.push(
      isKnown
        ? before
        : { name, kind, ...(await readFile(path, stamp, (bytes) => onRead((read += bytes), total))) },
    );
  }
  return files;
};

/** The same at once, for a model of a few megabytes. */
export const readModelFilesSync = (directory: string): ModelFile[] =>
  modelFilesOf(directory).map(({ name, kind }) => {
    const path = safePlaceOfFile(directory, name);
    return { name, kind, sha256: sha256OfFileSync(path), bytes: statSync(path).size, stamp: null };
  });

const readFile = async (
  path: string,
  stamp: FileStamp,
  onBytes: (bytes: number) => void,
): Promise<Pick<ModelFile, 'sha256' | 'bytes' | 'stamp'>> => {
  const from = Date.now();
  const sha256 = await sha256OfFile(path, onBytes);
  if (!isSameStamp(stampOf(path), stamp))
    throw new WorkbenchError('conflict', `${path}: is being written; try again when that is done`);
  return { sha256, bytes: stamp.bytes, stamp: isSettled(stamp, from) ? stamp : null };
};

type Contents = readonly Pick<ModelFile, 'name' | 'kind' | 'sha256'>[];

/** What is other in the second list than in the first, by name. */
export const changesBetween = (before: Contents, after: Contents): ModelFileChange[] => {
  const [was, is] = [before, after].map((files) => new Map(files.map((file) => [file.name, file])));
  return [...new Map([...before, ...after].map((file) => [file.name, file])).values()]
    .sort(byName)
    .flatMap(({ name, kind }): ModelFileChange[] => {
      const [old, now] = [was?.get(name)?.sha256 ?? null, is?.get(name)?.sha256 ?? null];
      if (old === now) return [];
      const change = old === null ? 'added' : now === null ? 'missing' : 'changed';
      return [{ name, kind, change, was: old, is: now }];
    });
};

/** As much of a hash as people compare. */
const short = (sha256: string | null): string => (sha256 ?? '').slice(0, 12);

const describeChange = ({ name, kind, change, was, is }: ModelFileChange): string =>
  ({
    changed: `${name} (${kind}) was ${short(was)}, is ${short(is)}`,
    added: `${name} (${kind}) was not there`,
    missing: `${name} (${kind}) is gone`,
  })[change];

/** In one line: which files, of which kind, and their hashes before and now. */
export const describeChanges = (changes: readonly ModelFileChange[]): string =>
  changes.map(describeChange).join('; ');

/** One hash for all the files together, whatever their folder is called. */
export const contentHash = (files: Contents): string =>
  createHash('sha256')
    .update(JSON.stringify(files.toSorted(byName).map(({ name, sha256 }) => [name, sha256])))
    .digest('hex');

/** Hashes by where the files lie, links resolved. */
export const hashesByPath = (directory: string, files: readonly ModelFile[]): Map<string, string> =>
  new Map(files.map(({ name, sha256 }) => [realpathSync(placeOfFile(directory, name)), sha256]));
