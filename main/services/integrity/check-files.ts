import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileError } from '../../engine/formats/file-errors.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { ExpectedFile, ExpectedFiles } from './expected-files.ts';
import type { Found } from './found.ts';

/** Told of what was read. */
export interface FileProgress {
  readonly begin: (subject: string, totalBytes: number) => void;
  readonly read: (bytes: number) => void;
  readonly end: () => void;
}

/** Null where no file is there. */
const sizeOf = async (path: string): Promise<number | null> => {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
};

/** Reads every file that is expected and compares its hash; a file that several expect is read once. */
export const checkFiles = async (
  expected: readonly ExpectedFiles[],
  progress: FileProgress,
  signal: AbortSignal,
): Promise<Found[]> => {
  const sizes = new Map<string, number | null>();
  for (const { files } of expected)
    for (const { path } of files) if (!sizes.has(path)) sizes.set(path, await sizeOf(path));
  const total = [...sizes.values()].reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const hashes = new Map<string, string>();
  const found: Found[] = [];
  for (const group of expected) {
    progress.begin(group.subject, total);
    const problems = [];
    for (const file of group.files) {
      signal.throwIfAborted();
      if (sizes.get(file.path) === null) problems.push({ path: file.path, isGone: true });
      else problems.push(...(await compare(file, hashes, progress, signal)));
    }
    if (problems.length > 0) found.push(foundOf(group, problems));
  }
  return found;
};

interface Problem {
  readonly path: string;
  readonly isGone: boolean;
  /** In place of a hash that differs. */
  readonly text?: string;
}

const compare = async (
  { path, sha256 }: ExpectedFile,
  hashes: Map<string, string>,
  progress: FileProgress,
  signal: AbortSignal,
): Promise<Problem[]> => {
  try {
    const hash = hashes.get(path) ?? (await hashOf(path, progress, signal));
    hashes.set(path, hash);
    return hash === sha256 ? [] : [{ path, isGone: false }];
  } catch (error) {
    signal.throwIfAborted();
    const explained = fileError(error, 'read', path);
    if (explained instanceof WorkbenchError) return [{ path, isGone: false, text: explained.message }];
    throw error;
  }
};

const hashOf = async (path: string, progress: FileProgress, signal: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(piece as Buffer);
    progress.read((piece as Buffer).length);
  }
  progress.end();
  return hash.digest('hex');
};

/** All of a subject in one finding: a model of hundred files that is gone is one thing. */
const foundOf = (
  { subject, directory, files, advice, mayBeGone = false }: ExpectedFiles,
  problems: readonly Problem[],
): Found => {
  const isAllGone = problems.length === files.length && problems.every(({ isGone }) => isGone);
  const place = directory ?? files[0]!.path;
  if (isAllGone) return { subject, problem: `${place}: is gone`, advice, isHarmless: mayBeGone };
  const texts = problems.map(
    ({ path, isGone, text }) => text ?? `${path}: ${isGone ? 'is gone' : 'holds other bytes than it did'}`,
  );
  const others = texts.length > 3 ? `; and ${texts.length - 3} more` : '';
  return { subject, problem: `${texts.slice(0, 3).join('; ')}${others}`, advice };
};
