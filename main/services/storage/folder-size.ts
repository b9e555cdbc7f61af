import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface FolderSize {
  readonly files: number;
  readonly bytes: number;
}

export const nothing: FolderSize = { files: 0, bytes: 0 };

export const together = (sizes: readonly FolderSize[]): FolderSize => ({
  files: sizes.reduce((sum, { files }) => sum + files, 0),
  bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
});

/**
 * Of a file or a folder with all in it; links count as themselves. What goes while it is looked at counts nothing.
 * @param apart paths in it that are not counted
 */
export const sizeOf = async (path: string, apart?: ReadonlySet<string>): Promise<FolderSize> => {
  if (apart?.has(path)) return nothing;
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return { files: 1, bytes: found.size };
    let sum = nothing;
    // One after the other: a folder of checkpoints is looked at while a run writes to it.
    for (const name of await readdir(path)) sum = together([sum, await sizeOf(join(path, name), apart)]);
    return sum;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing;
    throw error;
  }
};
