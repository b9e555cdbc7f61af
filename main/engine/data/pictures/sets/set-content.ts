import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { attempt } from '../../../attempt.ts';
import { WorkbenchError } from '../../../errors.ts';
import { isSameStamp, isSettled, stampOf } from '../../../formats/file-stamp.ts';
import type { FileStamp } from '../../../formats/model-file-schema.ts';
import { sumOf, type KnownSums } from './known-sums.ts';
import { sha256OfFile } from '../../../formats/file-hash.ts';
import {
  entriesOf,
  partNames,
  pathOf,
  type CaptionedPicture,
  type LabelledPicture,
  type PictureEntry,
  type PictureSet,
  type SubjectPicture,
} from './picture-set.ts';

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

export interface ContentOptions {
  /** Files that look as they did when they were read are taken to be as they were; all are read where absent. */
  readonly known?: KnownSums;
  /** Told of bytes that were read, or that are known to be as they were. */
  readonly onBytes?: (bytes: number) => void;
}

export interface SetContent {
  /** For all that the set says. */
  readonly sha256: string;
  /** Of its files, but for those that were written just now: a write after this could look the same. */
  readonly sums: KnownSums;
}

/**
 * One SHA-256 for all that a set says: its classes, and in which part and of which class, or with which caption, each picture is, by the bytes of its
 * file; of a subject also how often, and how it is decoded. Wherever the set lies, the same pictures and words give the same.
 * @throws WorkbenchError naming a picture that can't be read, or is being written
 */
export const contentOfSet = async (
  set: PictureSet,
  { known = new Map(), onBytes = () => undefined }: ContentOptions = {},
): Promise<SetContent> => {
  const from = Date.now();
  const all = new Map<string, string>();
  const settled = new Map<string, { stamp: FileStamp; sha256: string }>();
  for (const entry of picturesOf(set)) {
    const path = pathOf(set, entry);
    const stamp = stampIfThere(path);
    const before = stamp && sumOf(known, entry.name, stamp);
    if (before !== undefined) onBytes(stamp!.bytes);
    const sha256 = before ?? (await sha256OfFile(path, onBytes));
    all.set(entry.name, sha256);
    if (stamp !== undefined && isSettled(stamp, from) && isSameStamp(stampOf(path), stamp))
      settled.set(entry.name, { stamp, sha256 });
  }
  const hash = createHash('sha256').update(JSON.stringify(headOf(set)));
  for (const part of partNames)
    for (const entry of set.parts[part] ?? []) {
      const said = saidOf(entry);
      hash.update(`\n${JSON.stringify([part, said, entry.name, all.get(entry.name)])}`);
    }
  return { sha256: hash.digest('hex'), sums: settled };
};

const headOf = (set: PictureSet): unknown => {
  if (set.kind === 'classes') return set.classes;
  return set.kind === 'captions' ? set.kind : [set.kind, set.decoding.orientation, set.decoding.transparency];
};

const saidOf = (entry: LabelledPicture | CaptionedPicture | SubjectPicture): unknown => {
  if ('label' in entry) return entry.label;
  return 'prior' in entry ? [entry.caption, entry.repeats, entry.prior] : entry.caption;
};

/** Undefined for what its reader will name. */
const stampIfThere = (path: string): FileStamp | undefined => (existsSync(path) ? stampOf(path) : undefined);
