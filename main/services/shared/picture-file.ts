import { hash } from 'node:crypto';
import { join } from 'node:path';
import { invalidInput } from '../../engine/errors.ts';
import { pathIn } from '../../engine/formats/path-in.ts';
import { readRegularFile } from '../../engine/formats/regular-file.ts';
import type { RunPicture } from './run-picture-entities.ts';

const mostBytes = 256 * 2 ** 20;

/** Where a PNG says how large it is: behind its signature and the name of its first chunk. */
const sizeOf = (png: Buffer): { readonly width: number; readonly height: number } => ({
  width: png.readUInt32BE(16),
  height: png.readUInt32BE(20),
});

/**
 * A PNG that was drawn here, as it was written.
 * @param file relative to the folder
 * @throws WorkbenchError 'invalid-input' where it holds other bytes
 */
export const readPictureFile = (
  folder: string,
  { file, sha256 }: { readonly file: string; readonly sha256: string | null },
): RunPicture => {
  const png = readRegularFile(pathIn(folder, file), mostBytes);
  const targetPath = join(folder, file);
  if (hash('sha256', png) !== sha256)
    throw invalidInput(`${targetPath}: holds other bytes than were drawn; restore it from a backup`);
  return { data: png.toString('base64'), ...sizeOf(png), targetPath };
};
