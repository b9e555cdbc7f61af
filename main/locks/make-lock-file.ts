import { closeSync, existsSync, openSync } from 'node:fs';

/** Makes a lock's file before SQLite does: whoever can open it can hold the lock, and have its owner wait for ever. */
export const makeLockFile = (file: string): void => {
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch {
    // SQLite says it in its own words.
  }
};
