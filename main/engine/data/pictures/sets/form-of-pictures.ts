import { statSync } from 'node:fs';
import { isParquetSet } from './parquet/shards.ts';
import type { CaptionSource } from '../subject-format.ts';
import type { PictureSet } from './picture-set.ts';

const forms: Readonly<Record<PictureSet['kind'], string>> = {
  classes: 'pictures in folders named by their class',
  captions: 'pictures with a text file beside each',
  subject: 'pictures of a subject',
};

const captionForms: Readonly<Record<CaptionSource, string>> = {
  txt: 'captions in .txt files beside them',
  caption: 'captions in .caption files beside them',
  'file-names': 'captions in their names',
  'folder-names': 'captions in the names of their folders',
  table: 'captions in a table',
  none: 'no captions',
};

/** What a set was taken for, as a person is told. @param published which of the published sets */
export const formOfPictures = (path: string, published: string | null, set: PictureSet): string => {
  if (published !== null) return `pictures of ${published}`;
  if (set.kind === 'subject') return `${forms.subject}, ${captionForms[set.captions]}`;
  if (isParquetSet(path)) return 'pictures in Parquet';
  const isTable = set.kind === 'captions' && set.captions === 'table';
  return statSync(path).isDirectory() && !isTable ? forms[set.kind] : 'pictures that a file names';
};
