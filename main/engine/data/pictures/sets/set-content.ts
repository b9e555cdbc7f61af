import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { attempt } from '../../../attempt.ts';
import { WorkbenchError } from '../../../errors.ts';
import { sha256OfFile } from '../../../formats/file-hash.ts';
import { entriesOf, partNames, pathOf, type PictureEntry, type PictureSet } from './picture-set.ts';

/** The pictures of all parts, each once. */
export const picturesOf = ({ parts }: PictureSet): PictureEntry[] => [
  ...new Map(entriesOf(parts).map((entry) => [entry.name, entry] as const)).values(),
];

export const bytesOfPictures = (set: PictureSet): number =>
  picturesOf(set).reduce((sum, entry) => sum + sizeOf(set, entry), 0);

/** Of a picture that is not there, or is no file, nothing: its reader says so. */
const sizeOf = (set: PictureSet, entry: PictureEntry): number => {
  const stats = attempt(() => statSync(pathOf(set, entry), { throwIfNoEntry: false }));
  return stats instanceof WorkbenchError ? 0 : (stats?.size ?? 0);
};

/**
 * One SHA-256 for all that a set says: its classes, and in which part and of which class, or with which caption, each picture is, by the bytes of its
 * file. Wherever the set lies, the same pictures and words give the same.
 * @param onBytes told of bytes that were read
 * @throws WorkbenchError naming a picture that can't be read
 */
export const contentOfSet = async (
  set: PictureSet,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> => {
  const sums = new Map<string, string>();
  for (const entry of picturesOf(set)) sums.set(entry.name, await sha256OfFile(pathOf(set, entry), onBytes));
  const hash = createHash('sha256').update(JSON.stringify(set.kind === 'classes' ? set.classes : set.kind));
  for (const part of partNames)
    for (const entry of set.parts[part] ?? []) {
      const said = 'label' in entry ? entry.label : entry.caption;
      hash.update(`\n${JSON.stringify([part, said, entry.name, sums.get(entry.name)])}`);
    }
  return hash.digest('hex');
};
