import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileError } from './file-errors.ts';

/**
 * SHA-256 of a file's content, in hexadecimal. Lets the event loop turn.
 * @param onBytes told of each piece's bytes
 */
export const sha256OfFile = async (
  path: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> => {
  const hash = createHash('sha256');
  try {
    const pieces = createReadStream(path, { highWaterMark: 1 << 20 });
    pieces.on('data', ({ length }) => onBytes(length));
    await pipeline(pieces, hash);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  return hash.digest('hex');
};

/** The same at once, for files that are read whole anyway. */
export const sha256OfFileSync = (path: string): string => {
  const hash = createHash('sha256');
  try {
    const file = openSync(path, 'r');
    const buffer = Buffer.allocUnsafe(1 << 20);
    try {
      for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
        hash.update(buffer.subarray(0, read));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  return hash.digest('hex');
};
