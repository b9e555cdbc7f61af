import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** All that a build is made from: folders with everything in them, and files. */
const sources = [
  'main',
  'preload',
  'renderer',
  'vite.config.ts',
  'electron.vite.config.ts',
  'tsconfig.json',
  'package-lock.json',
];

/** One hash of the names and contents of what a build is made from, so that a file that went counts as well as one that changed. */
export const hashSources = (root: string): string => {
  const hash = createHash('sha256');
  const take = (path: string): void => {
    hash.update(`${path}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest(),
    );
  };
  for (const source of sources) {
    if (/\.\w+$/.test(source)) {
      take(source);
      continue;
    }
    const entries = readdirSync(join(root, source), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
    for (const path of paths.toSorted()) take(path);
  }
  return hash.digest('hex');
};

/**
 * Builds where the last build of that name was made from something else, or what it made is gone.
 * @param made a file that the build makes, from the root
 * @returns the exit code of the build; 0 where none was needed
 */
export const buildWhereStale = (
  root: string,
  { name, made, build }: { name: string; made: string; build: () => number },
): number => {
  const stamp = join(root, 'out', `built-from.${name}`);
  const hash = hashSources(root);
  if (existsSync(join(root, made)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return 0;
  const status = build();
  if (status === 0) writeFileSync(stamp, hash);
  return status;
};
