import { readdirSync } from 'node:fs';

/** What lies in a folder; nothing where it can't be looked into. */
export const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
