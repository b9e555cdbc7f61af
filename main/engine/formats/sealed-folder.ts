import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from './atomic-file.ts';
import { sha256OfFile, sha256OfFileSync } from './file-hash.ts';
import { writeSafetensors, type TensorToWrite } from './safetensors-writer.ts';
import { pathIn } from './path-in.ts';
import { readVersionedJson } from './versioned-json.ts';

/*
 * A folder of files that are read back later, with a sum of each: a byte that changed on the disk is noticed before it is computed with.
 */

export const sumsFile = 'sums.json';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const sumsSchema = z.strictObject({
  formatVersion: z.literal(1),
  files: z.record(z.string(), z.strictObject({ bytes: z.int().min(0), sha256: sha256Schema })),
  /** Of the text of `files`: it stands for the whole folder. */
  seal: sha256Schema,
});

type FileSums = z.output<typeof sumsSchema>['files'];

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** How the files of a sealed folder are written. */
export interface SealedWriter {
  readonly text: (name: string, contents: string) => void;
  readonly tensors: (name: string, tensors: Iterable<TensorToWrite>) => void;
}

/**
 * Makes a folder whole or not at all, with the sums of its files as they were in memory, and reads it back.
 * @throws WorkbenchError 'conflict' where the folder exists; 'internal' where the disk gives back other bytes
 */
export const writeSealedFolder = async (
  path: string,
  fill: (writer: SealedWriter) => void,
): Promise<void> => {
  await writeDirectoryWhole(path, (temporary) => {
    const files: FileSums = {};
    fill({
      text: (name, contents) => {
        writeFileWhole(join(temporary, name), contents);
        files[name] = { bytes: Buffer.byteLength(contents), sha256: sha256Of(contents) };
      },
      tensors: (name, tensors) => {
        const hash = createHash('sha256');
        let bytes = 0;
        writeSafetensors(join(temporary, name), tensors, {}, (piece) => {
          hash.update(piece);
          bytes += piece.length;
        });
        files[name] = { bytes, sha256: hash.digest('hex') };
      },
    });
    const sums = { formatVersion: 1, files, seal: sha256Of(JSON.stringify(files)) };
    writeFileWhole(join(temporary, sumsFile), `${JSON.stringify(sums)}\n`);
    readBack(temporary);
  });
};

const readBack = (path: string): void => {
  try {
    checkSealed(path);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError('internal', `${error.message}; this was just written: see to the disk`, {
      cause: error,
    });
  }
};

/** Null where the folder has no sums: it is of an older version, or not whole. */
const readSums = (directory: string): z.output<typeof sumsSchema> | null => {
  const file = pathIn(directory, sumsFile);
  if (!existsSync(file)) return null;
  const sums = readVersionedJson(file, sumsSchema);
  if (sums.seal !== sha256Of(JSON.stringify(sums.files))) throw damaged(file, 'its own sum is another');
  return sums;
};

const damaged = (file: string, how: string): WorkbenchError => invalidInput(`${file}: is damaged: ${how}`);

const pathsOf = (directory: string, files: FileSums): [path: string, sha256: string][] =>
  Object.entries(files).map(([name, { bytes, sha256 }]) => {
    const path = pathIn(directory, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw damaged(path, 'it is gone');
    if (size !== bytes) throw damaged(path, `it has ${size} bytes, ${bytes} were written`);
    return [path, sha256];
  });

const assertSum = (path: string, written: string, found: string): void => {
  if (found !== written) throw damaged(path, 'its content is not what was written (another SHA-256)');
};

/**
 * Compares every file of a folder with its sum.
 * @returns whether it has sums
 * @throws WorkbenchError naming the file and what is wrong with it
 */
export const checkSealed = (directory: string): boolean => {
  const sums = readSums(directory);
  if (sums === null) return false;
  for (const [path, sha256] of pathsOf(directory, sums.files))
    assertSum(path, sha256, sha256OfFileSync(path));
  return true;
};

/** The same, letting the event loop turn. */
export const checkSealedInTurns = async (directory: string): Promise<boolean> => {
  const sums = readSums(directory);
  if (sums === null) return false;
  for (const [path, sha256] of pathsOf(directory, sums.files))
    assertSum(path, sha256, await sha256OfFile(path));
  return true;
};

/** A file of a sealed folder as it was written. */
export interface SealedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * What the files of a sealed folder were when it was written; they are not looked at.
 * @returns none where it has no sums
 * @throws WorkbenchError where its sums are damaged
 */
export const sealedFiles = (directory: string): SealedFile[] =>
  Object.entries(readSums(directory)?.files ?? {}).map(([name, sum]) => ({ name, ...sum }));

/** Whether a folder has sums at all; they are not looked at. */
export const isSealed = (directory: string): boolean => existsSync(join(directory, sumsFile));

/** What stands for all that a sealed folder holds; null where it has no sums. */
export const sealOf = (directory: string): string | null => readSums(directory)?.seal ?? null;

/** @throws WorkbenchError: a folder was written with sums, and they are gone */
export const refuseWithoutSums = (directory: string): never => {
  throw damaged(join(directory, sumsFile), 'it is gone');
};
