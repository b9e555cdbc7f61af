import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { root } from '../../support/paths.ts';

const leftOut: ReadonlySet<string> = new Set([
  'node_modules',
  'out',
  'dist',
  '.git',
  'docs',
  'target',
  'numeric',
]);

/** The checkout as it is, to be broken: nothing in the checkout itself is ever changed. */
export interface ScratchCopy {
  readonly directory: string;
  read(file: string): string;
  write(file: string, text: string): void;
  remove(): void;
}

export const createScratchCopy = (): ScratchCopy => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-mutate-'));
  cpSync(root, directory, {
    recursive: true,
    filter: (source) =>
      !relative(root, source)
        .split(sep)
        .some((name) => leftOut.has(name)),
  });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return {
    directory,
    read: (file) => readFileSync(join(directory, file), 'utf8').replaceAll('\r\n', '\n'),
    write: (file, text) => writeFileSync(join(directory, file), text),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};
