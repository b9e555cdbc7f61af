import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crashStates, type CrashState, type Disk } from './crash-states.ts';
import { recordOperations } from './record-operations.ts';

export interface Scenario {
  /** What is on the disk before. */
  prepare?(directory: string): void | Promise<void>;
  /** What is cut off. `mark` says what the program has told others by then. */
  work(directory: string, mark: (name: string) => void): void | Promise<void>;
  /** Throws where what is found after the power came back is not what it has to be. */
  check(directory: string, state: CrashState): void | Promise<void>;
}

const put = (directory: string, disk: Disk): void => {
  for (const [path, content] of [...disk].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (content === null) mkdirSync(join(directory, path), { recursive: true });
    else {
      mkdirSync(join(directory, dirname(path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
  }
};

const keyOf = ({ disk, marks }: CrashState): string => {
  const hash = createHash('sha256').update(JSON.stringify(marks));
  for (const [path, content] of [...disk].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${content === null ? 'folder' : content.length}\0`).update(content ?? '');
  return hash.digest('hex');
};

export interface Survived {
  readonly operations: number;
  /** Different disks that were checked. */
  readonly states: number;
}

/**
 * Does the work once, then checks every disk that a power cut could have left behind.
 * @throws Error of the first that is not what it has to be, telling how it came about
 */
export const survivePowerCuts = async ({ prepare, work, check }: Scenario): Promise<Survived> => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-power-'));
  const seen = new Set<string>();
  try {
    const first = join(directory, 'first');
    mkdirSync(first);
    await prepare?.(first);
    const recording = await recordOperations(first, (mark) => work(first, mark));
    const found = join(directory, 'found');
    for (const state of crashStates(recording)) {
      const key = keyOf(state);
      if (seen.has(key)) continue;
      seen.add(key);
      mkdirSync(found);
      put(found, state.disk);
      try {
        await check(found, state);
      } catch (error) {
        throw new Error(`${state.how}: ${(error as Error).message}`, { cause: error });
      }
      rmSync(found, { recursive: true });
    }
    return { operations: recording.operations.length, states: seen.size };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
