import { statSync } from 'node:fs';
import { isParquetSet } from './parquet/shards.ts';
import type { PictureSet } from './picture-set.ts';

/** What a set was taken for, as a person is told. @param published which of the published sets */
export const formOfPictures = (path: string, published: string | null, kind: PictureSet['kind']): string => {
  if (published !== null) return `pictures of ${published}`;
  if (isParquetSet(path)) return 'pictures in Parquet';
  if (statSync(path).isDirectory())
    return kind === 'classes'
      ? 'pictures in folders named by their class'
      : 'pictures with a text file beside each';
  return 'pictures that a file names';
};
