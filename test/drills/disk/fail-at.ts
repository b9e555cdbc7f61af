import fs from 'node:fs';
import { relative, sep } from 'node:path';
import { withReplacedFileSystem } from '../replace-file-system.ts';

export interface Failed {
  /** How many calls there were that could have failed. */
  readonly calls: number;
  readonly error: unknown;
}

/** What takes room on a disk, or changes a name on it. */
const changing = [
  'writeSync',
  'fsyncSync',
  'mkdirSync',
  'renameSync',
  'linkSync',
  'writeFileSync',
  'appendFileSync',
] as const;

/**
 * Does work of which the `nth` call (from 0) that changes something below a folder fails, as the system would have it fail: before anything was
 * changed. Removing goes on working, as it does on a full disk.
 * @param code as in ENOSPC
 */
export const failAt = async (
  directory: string,
  nth: number,
  code: string,
  work: () => void | Promise<void>,
): Promise<Failed> => {
  let calls = 0;
  const open = new Set<number>();
  const isBelow = (path: unknown): boolean => {
    if (typeof path !== 'string') return false;
    const found = relative(directory, path);
    return found !== '..' && !found.startsWith(`..${sep}`);
  };
  const count = (syscall: string, path: string): void => {
    if (calls++ !== nth) return;
    throw Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
  };
  const original = { ...fs };

  const guarded = Object.fromEntries(
    changing.map((name) => [
      name,
      (...given: unknown[]) => {
        const [first, second] = given;
        const path =
          typeof first === 'number'
            ? open.has(first)
              ? 'an open file'
              : undefined
            : [first, second].find(isBelow);
        if (typeof path === 'string') count(name.replace('Sync', ''), path);
        return (original[name] as (...all: unknown[]) => unknown)(...given);
      },
    ]),
  );
  const openSync: typeof fs.openSync = (path, flags, mode) => {
    const makesIt = typeof flags === 'string' && flags !== 'r' && !original.existsSync(path);
    if (makesIt && typeof path === 'string' && isBelow(path)) count('open', path);
    const descriptor = original.openSync(path, flags, mode);
    if (isBelow(path)) open.add(descriptor);
    return descriptor;
  };
  const closeSync: typeof fs.closeSync = (descriptor) => {
    open.delete(descriptor);
    original.closeSync(descriptor);
  };

  const error = await withReplacedFileSystem({ ...guarded, openSync, closeSync }, async () => {
    try {
      await work();
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  });
  return { calls, error };
};

/** The same for every call that there is, each on a folder of its own. Gives how many there were. */
export const failAtEach = async (
  code: string,
  scenario: {
    readonly prepare: () => string | Promise<string>;
    readonly work: (directory: string) => void | Promise<void>;
    readonly check: (directory: string, error: unknown) => void | Promise<void>;
  },
): Promise<number> => {
  for (let nth = 0; ; nth++) {
    const directory = await scenario.prepare();
    const { calls, error } = await failAt(directory, nth, code, () => scenario.work(directory));
    if (calls <= nth) {
      if (error !== undefined) throw new Error('failed without a call that fails', { cause: error });
      return nth;
    }
    try {
      await scenario.check(directory, error);
    } catch (problem) {
      throw new Error(`${code} at call ${nth}: ${(problem as Error).message}`, { cause: problem });
    } finally {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  }
};
