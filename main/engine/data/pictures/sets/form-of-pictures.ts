import { statSync } from 'node:fs';

/** What a set was taken for, as a person is told. @param published which of the published sets */
export const formOfPictures = (path: string, published: string | null): string => {
  if (published !== null) return `pictures of ${published}`;
  if (statSync(path).isDirectory()) return 'pictures in folders named by their class';
  return 'pictures that a file names';
};
