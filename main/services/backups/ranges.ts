import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { invalidInput } from '../../engine/errors.ts';
import { fileError } from '../../engine/formats/file-errors.ts';

interface Range {
  readonly offset: number;
  readonly bytes: number;
}

/** A part of a file, piece by piece, so that nothing else has to wait. */
export async function* piecesOf(
  path: string,
  { offset, bytes }: Range,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  if (bytes === 0) return;
  const stream = createReadStream(path, {
    ...{ start: offset, end: offset + bytes - 1, highWaterMark: 1 << 20 },
    ...(signal && { signal }),
  });
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(error, 'read', path);
  }
}

export const readRange = async (path: string, range: Range): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of piecesOf(path, range)) pieces.push(piece);
  return Buffer.concat(pieces);
};

export interface RangeOptions {
  readonly signal: AbortSignal;
  /** Told of each piece. */
  readonly onBytes: (bytes: number) => void;
}

/** @returns what is wrong with a file of a backup */
export const damagedEntry = (path: string, name: string): Error =>
  invalidInput(`${path}: is damaged: "${name}" is not what was saved (another SHA-256)`);

/** SHA-256 of a part of a file, in hexadecimal. */
export const hashOfRange = async (
  path: string,
  range: Range,
  { signal, onBytes }: RangeOptions,
): Promise<string> => {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(path, range, signal)) {
    hash.update(piece);
    onBytes(piece.length);
  }
  return hash.digest('hex');
};

/**
 * Copies a part of a file into a new one, and onto the disk.
 * @throws WorkbenchError where what was copied is not what it should be
 */
export const copyRange = async (
  path: string,
  range: Range & { readonly name: string; readonly sha256: string },
  target: string,
  { signal, onBytes }: RangeOptions,
): Promise<void> => {
  const hash = createHash('sha256');
  try {
    const file = await open(target, 'wx');
    try {
      for await (const piece of piecesOf(path, range, signal)) {
        hash.update(piece);
        await file.writeFile(piece);
        onBytes(piece.length);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw fileError(error, 'write', target);
  }
  if (hash.digest('hex') !== range.sha256) throw damagedEntry(path, range.name);
};
