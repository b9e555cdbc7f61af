import { statfs } from 'node:fs/promises';

/** A folder, and what is left on its disk for this person. */
export const diskOf = async (directory: string): Promise<{ directory: string; freeBytes: number }> => {
  const { bavail, bsize } = await statfs(directory);
  return { directory, freeBytes: bavail * bsize };
};
