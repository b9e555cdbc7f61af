import { createHash } from 'node:crypto';
import { createReadStream, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileError } from './file-errors.ts';
import { openRegularFile, withRegularFile } from './regular-file.ts';

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
    const pieces = createReadStream(path, { fd: openRegularFile(path), highWaterMark: 1 << 20 });
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
  withRegularFile(path, (file) => {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
      hash.update(buffer.subarray(0, read));
  });
  return hash.digest('hex');
};
