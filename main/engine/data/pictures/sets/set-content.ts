import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { sha256OfFile } from '../../../formats/file-hash.ts';
import { partNames, pathOf, type ClassifiedSet, type LabelledPicture } from './picture-set.ts';

/** The pictures of all parts, each once. */
export const picturesOf = ({ parts }: ClassifiedSet): LabelledPicture[] => [
  ...new Map(
    partNames.flatMap((part) => (parts[part] ?? []).map((entry) => [entry.name, entry] as const)),
  ).values(),
];

export const bytesOfPictures = (set: ClassifiedSet): number =>
  picturesOf(set).reduce((sum, entry) => sum + statSync(pathOf(set, entry)).size, 0);

/**
 * One SHA-256 for all that a set says: its classes, and in which part and of which class each picture is, by the bytes of its file. Wherever the set
 * lies, the same pictures and words give the same.
 * @param onBytes told of bytes that were read
 * @throws WorkbenchError naming a picture that can't be read
 */
export const contentOfSet = async (
  set: ClassifiedSet,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> => {
  const sums = new Map<string, string>();
  for (const entry of picturesOf(set)) sums.set(entry.name, await sha256OfFile(pathOf(set, entry), onBytes));
  const hash = createHash('sha256').update(JSON.stringify(set.classes));
  for (const part of partNames)
    for (const { name, label } of set.parts[part] ?? [])
      hash.update(`\n${JSON.stringify([part, label, name, sums.get(name)])}`);
  return hash.digest('hex');
};
