import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileError } from './file-errors.ts';

/** SHA-256 of a file's content, in hexadecimal. Lets the event loop turn. */
export const sha256OfFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
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
