import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Does work while functions of node:fs, for every module of this process, are others. */
export const withReplacedFileSystem = async <Result>(
  replaced: Partial<typeof fs>,
  work: () => Result | Promise<Result>,
): Promise<Result> => {
  const original = Object.fromEntries(
    Object.keys(replaced).map((name) => [name, fs[name as keyof typeof fs]]),
  );
  Object.assign(fs, replaced);
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    Object.assign(fs, original);
    syncBuiltinESMExports();
  }
};
