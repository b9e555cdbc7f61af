import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes names in a folder durable: new ones, other ones, and that some are gone. Windows can't open folders; it does without. */
export const syncFolder = (path: string): void => {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};
