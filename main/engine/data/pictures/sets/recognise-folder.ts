import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../../attempt.ts';
import { WorkbenchError } from '../../../errors.ts';
import { readFirstRows } from '../../files/first-rows.ts';
import { captionsIn } from './caption-files.ts';
import type { PictureSet } from './picture-set.ts';
import { findColumns } from './picture-table.ts';
import { isFlat, isRepeatTree } from './subject-layout.ts';

/**
 * What the pictures of a folder are, by how it is laid out: kohya's folders and pictures that lie in the folder itself are of a subject, unless each has
 * its caption beside it; folders otherwise are classes, unless most of their pictures have a caption.
 */
export const kindOfFolder = (folder: string): PictureSet['kind'] => {
  if (isRepeatTree(folder)) return 'subject';
  const captions = captionsIn(folder);
  if (isFlat(folder)) return captions !== null && captions.found === captions.of ? 'captions' : 'subject';
  return captions !== null && 2 * captions.found >= captions.of ? 'captions' : 'classes';
};

/** The table of captions that Hugging Face's imagefolder has beside its pictures; null where there is none, or pictures have theirs beside them. */
export const captionTableIn = (folder: string): string | null => {
  const table = tableIn(folder);
  return table === null || captionsIn(folder) !== null ? null : table;
};

const tableIn = (folder: string): string | null => {
  for (const name of ['metadata.jsonl', 'metadata.csv']) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const columns = attempt(() =>
      findColumns(Object.keys(readFirstRows(path, undefined).rows[0]!.row), path),
    );
    if (!(columns instanceof WorkbenchError) && columns.said.kind === 'captions') return path;
  }
  return null;
};
