import { makePrivateFile } from '../engine/formats/group-rights.ts';

/** Makes a lock's file before SQLite does: whoever can open it can hold the lock, and have its owner wait for ever. */
export const makeLockFile = (file: string): void => {
  try {
    makePrivateFile(file);
  } catch {
    // SQLite says it in its own words.
  }
};
