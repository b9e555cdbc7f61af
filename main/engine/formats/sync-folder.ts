import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const sync = (path: string, flags: 'r' | 'r+'): void => {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** Has a file's content on the disk. */
export const syncFile = (path: string): void => sync(path, 'r+');

/** Makes names in a folder durable: new ones, other ones, and that some are gone. Windows can't open folders; it does without. */
export const syncFolder = (path: string): void => {
  if (process.platform !== 'win32') sync(path, 'r');
};

/**
 * Has all that is in a folder on the disk, and the folder's own name: for what was put there by other means than those of atomic-file.ts. Lets the
 * event loop turn.
 */
export const syncTree = async (path: string): Promise<void> => {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const place = join(path, entry.name);
    if (entry.isDirectory()) await syncTree(place);
    else if (entry.isFile()) await syncFileInTurns(place);
  }
  syncFolder(path);
  syncFolder(dirname(path));
};

const syncFileInTurns = async (path: string): Promise<void> => {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};
